//! The limits of a document. Each limit is checked before the step whose work it bounds.

/// The cost of an operation, and the caller's budget.
mod cost;
/// The directives of a document.
mod directives;
/// The size of a document with its fragments expanded.
mod document_size;
/// The tokens of a text that is not parsed yet.
mod scanner;

use async_graphql::{ServerError, parser::types::ExecutableDocument};

use super::error_codes::Code;
pub(in crate::graphql) use cost::ChargedCost;
use document_size::document_size;

/// Writes the struct of all limits, and a check for each of them.
macro_rules! document_limits {
    ($($(#[$about:meta])* $limit:ident = $default:literal, $setting:literal, $code:ident, $counted:literal;)+) => {
        /// The limits of a document.
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
                ensure_within(self.$limit, actual, $setting, Code::$code, $counted)
            })+
        }
    };
}

document_limits! {
    /// The size in bytes.
    bytes = 65_536, "document-bytes", GraphqlParseFailed, "bytes";
    /// Tokens: names, numbers, strings and punctuators. Counted before the document is parsed.
    tokens = 2_000, "document-tokens", GraphqlParseFailed, "tokens";
    /// Levels of brackets of any kind, and of selections through fragments. The parser and the validation recurse, and
    /// this limit protects their stack.
    nesting = 64, "document-nesting", GraphqlParseFailed, "levels of brackets";
    /// Fields, fragments and spreads. A fragment counts each time that it is spread.
    selections = 1_000, "document-selections", GraphqlValidationFailed, "selections with its fragments expanded";
    /// Levels of fields, through fragments. The introspection query of common tools has 15.
    depth = 15, "document-depth", GraphqlValidationFailed, "levels of fields";
    /// Fields with an alias in one operation.
    aliases = 50, "document-aliases", GraphqlValidationFailed, "aliases in an operation";
    /// Fields on the root of one operation.
    root_fields = 20, "document-root-fields", GraphqlValidationFailed, "root fields in an operation";
    /// Directives in one place: on a field, a spread, a fragment, a variable or an operation.
    directives = 10, "document-directives", GraphqlValidationFailed, "directives in one place";
    /// The estimated number of values that introspection returns. The query of common tools returns about 550,000.
    introspection = 1_000_000, "document-introspection", GraphqlValidationFailed, "introspection values";
    /// The cost of all operations together.
    cost = 20_000, "document-cost", GraphqlValidationFailed, "points of cost";
}

impl DocumentLimits {
    /// Checks the text before it is parsed, and returns its number of tokens.
    pub(crate) fn ensure_short(&self, text: &str) -> Result<usize, ServerError> {
        self.bytes(text.len())?;
        let scanned = scanner::scan(text);
        self.tokens(scanned.tokens)?;
        self.nesting(scanned.nesting)?;
        Ok(scanned.tokens)
    }

    /// Checks the parsed document before its fragments are expanded. Returns the estimated number of values
    /// of the schema that it selects.
    pub(in crate::graphql) fn ensure_small(&self, document: &ExecutableDocument) -> Result<usize, ServerError> {
        directives::ensure_few(document, self)?;
        let size = document_size(document, self)?;
        self.selections(size.selections)?;
        self.depth(size.depth)?;
        self.aliases(size.aliases)?;
        self.root_fields(size.fields)?;
        self.introspection(size.introspection)?;
        Ok(size.introspection)
    }
}

fn ensure_within(limit: usize, actual: usize, setting: &str, code: Code, counted: &str) -> Result<(), ServerError> {
    if actual <= limit {
        return Ok(());
    }
    let mut error = code.error(format!("The document has {actual} {counted}; the limit is {limit}."));
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("limit", limit);
    extensions.set("actual", actual);
    extensions.set("setting", setting);
    Err(error)
}
