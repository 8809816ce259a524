//! How much a document may ask for. Each limit is looked at before anything that takes longer the more is asked.

mod cost;
mod directives;
mod extent;
mod scanner;

use async_graphql::{ServerError, parser::types::ExecutableDocument};

use crate::graphql::Code;
pub(in crate::graphql) use cost::Paid;
pub(crate) use cost::in_seconds;
use extent::extent;

/// Makes the struct of all limits, and for each of them what refuses a document that is beyond it.
macro_rules! document_limits {
    ($($(#[$about:meta])* $limit:ident = $default:literal, $setting:literal, $code:ident, $counted:literal;)+) => {
        /// How much a document may ask for.
        #[derive(Clone, Copy, Debug)]
        pub struct DocumentLimits {
            $($(#[$about])* pub $limit: usize,)+
        }

        impl Default for DocumentLimits {
            fn default() -> Self {
                Self { $($limit: $default,)+ }
            }
        }

        impl DocumentLimits {
            $(pub(in crate::graphql) fn $limit(&self, actual: usize) -> Result<(), ServerError> {
                within(self.$limit, actual, $setting, Code::$code, $counted)
            })+
        }
    };
}

document_limits! {
    /// Bytes.
    bytes = 65_536, "document-bytes", GraphqlParseFailed, "bytes";
    /// Words, numbers, strings and signs. Counted before the document is parsed.
    tokens = 2_000, "document-tokens", GraphqlParseFailed, "tokens";
    /// Levels of brackets of any kind, and of selections through fragments: what recurses over a document, the parser
    /// first of all, must not use up the stack.
    nesting = 64, "document-nesting", GraphqlParseFailed, "levels of brackets";
    /// Fields, fragments and spreads, where a fragment counts as often as it is spread.
    selections = 1_000, "document-selections", GraphqlValidationFailed, "selections with its fragments unfolded";
    /// Levels of fields, through fragments. The introspection query that tools send has 15 at most.
    depth = 15, "document-depth", GraphqlValidationFailed, "levels of fields";
    /// Fields with an alias in one operation.
    aliases = 50, "document-aliases", GraphqlValidationFailed, "aliases in an operation";
    /// Fields on the root of one operation.
    root_fields = 20, "document-root-fields", GraphqlValidationFailed, "root fields in an operation";
    /// Directives in one place: on a field, a spread, a fragment, a variable or an operation.
    directives = 10, "document-directives", GraphqlValidationFailed, "directives in one place";
    /// Values that introspection would list, estimated. Tools ask for some 550,000.
    introspection = 1_000_000, "document-introspection", GraphqlValidationFailed, "values of the schema to list";
    /// What all operations may cost together.
    cost = 20_000, "document-cost", GraphqlValidationFailed, "as its cost";
}

impl DocumentLimits {
    /// Looks at the text, before it is parsed; answers with how many tokens it has.
    pub(crate) fn ensure_short(&self, text: &str) -> Result<usize, ServerError> {
        self.bytes(text.len())?;
        let measure = scanner::measure(text);
        self.tokens(measure.tokens)?;
        self.nesting(measure.nesting)?;
        Ok(measure.tokens)
    }

    /// Looks at what was parsed, before anybody unfolds its fragments.
    pub(in crate::graphql) fn ensure_small(&self, document: &ExecutableDocument) -> Result<(), ServerError> {
        directives::ensure_few(document, self)?;
        let extent = extent(document, self)?;
        self.selections(extent.selections)?;
        self.depth(extent.depth)?;
        self.aliases(extent.aliases)?;
        self.root_fields(extent.fields)?;
        self.introspection(extent.introspection)
    }
}

fn within(limit: usize, actual: usize, setting: &str, code: Code, counted: &str) -> Result<(), ServerError> {
    if actual <= limit {
        return Ok(());
    }
    let mut error = code.error(format!("The document has {actual} {counted}, and may have {limit}."));
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("limit", limit);
    extensions.set("actual", actual);
    extensions.set("setting", setting);
    Err(error)
}
