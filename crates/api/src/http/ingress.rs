use super::{host::Host, origin::Origin, trusted::TrustedDocuments};

/// What is let in before anybody is asked who they are.
#[derive(Clone, Debug, Default)]
pub struct IngressPolicy {
    /// The origins whose pages may call, besides our own.
    pub origins: Vec<Origin>,
    /// The names under which the server answers; `None`: all.
    pub hosts: Option<Vec<Host>>,
    /// The only documents that may run; `None`: all.
    pub trusted_documents: Option<TrustedDocuments>,
    /// Whether the schema is not told to clients.
    pub no_introspection: bool,
}
