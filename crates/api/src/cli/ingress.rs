//! The flags that restrict requests before authentication: origins, host names, documents and introspection.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, builder::BoolishValueParser};

use super::list::{List, all, list};
use crate::{Host, IngressPolicy, Origin, TrustedDocuments};

#[derive(Args, Debug)]
#[command(next_help_heading = "Pages, hosts and documents")]
pub(super) struct IngressArguments {
    /// An origin whose pages can call the server, for example `https://app.example.org`. Repeat the flag or separate
    /// several with commas.
    #[arg(long = "cors-origin", env = "ATELIER_CORS_ORIGINS", value_parser = list::<Origin>, value_name = "ORIGIN")]
    cors_origins: Vec<List<Origin>>,
    /// A host name, without a port, that requests can address. Repeat the flag or separate several with commas. By default
    /// a server without authentication on a loopback address accepts `localhost`, `127.0.0.1` and `[::1]`; any other server
    /// accepts every name.
    #[arg(long = "host", env = "ATELIER_HOSTS", value_parser = list::<Host>, value_name = "NAME")]
    hosts: Vec<List<Host>>,
    /// A file with the only documents that can run: a JSON object of documents by their SHA-256, or Apollo's manifest of
    /// persisted queries. The playground does not work with it.
    #[arg(long, env = "ATELIER_TRUSTED_DOCUMENTS", value_name = "FILE")]
    trusted_documents: Option<PathBuf>,
    /// Reject introspection queries. The playground then has no documentation and no completion.
    #[arg(long, env = "ATELIER_NO_INTROSPECTION", value_parser = BoolishValueParser::new())]
    no_introspection: bool,
}

impl IngressArguments {
    /// The policy of a server on this address. `is_unauthenticated`: the server accepts requests without a credential.
    pub(super) fn policy(self, address: SocketAddr, is_unauthenticated: bool) -> Result<IngressPolicy, String> {
        let hosts = match all(self.hosts) {
            hosts if !hosts.is_empty() => Some(hosts),
            _ if is_unauthenticated && address.ip().is_loopback() => Some(Host::loopback()),
            _ => None,
        };
        let trusted_documents = self.trusted_documents.map(|file| read(&file)).transpose()?;
        Ok(IngressPolicy {
            origins: all(self.cors_origins),
            hosts,
            trusted_documents,
            no_introspection: self.no_introspection,
        })
    }
}

fn read(file: &std::path::Path) -> Result<TrustedDocuments, String> {
    let message = |reason: String| format!("cannot use {} (--trusted-documents): {reason}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| message(error.to_string()))?;
    text.parse::<TrustedDocuments>().map_err(|invalid| message(invalid.to_string()))
}
