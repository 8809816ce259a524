//! Documents that are asked for by what names them. Either all may run, and one that came with its hash is kept for who
//! asks for it by the hash alone, as Apollo's clients do (automatic persisted queries); or only those of a list.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{error::Refusal, trusted::TrustedDocuments};
use crate::{graphql::Code, kept::Kept};

/// The most bytes of all documents that are kept.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// What a document takes besides its text, its hash among it.
const EACH: usize = 256;

/// What names a document: its SHA-256 in lower-case hexadecimal digits, or a name that was given to it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct DocumentId(Arc<str>);

/// The documents that a server runs.
pub(super) enum Documents {
    /// Any. Those that were sent with their hash are kept; the client of one that was let go of sends it again.
    Any(Kept<DocumentId, Arc<str>>),
    /// Only these.
    Trusted(TrustedDocuments),
}

impl Default for Documents {
    fn default() -> Self {
        Self::of(None)
    }
}

impl DocumentId {
    /// Reads `extensions.persistedQuery`.
    pub(super) fn of_extension(extension: &Value) -> Result<Self, Refusal> {
        match (extension.get("version").and_then(Value::as_u64), extension.get("sha256Hash").and_then(Value::as_str)) {
            (Some(1), Some(hash)) if is_sha256(hash) => Ok(Self(hash.into())),
            _ => Err(Refusal::bad_request(
                "`persistedQuery` has a `version`, which is 1, and a `sha256Hash` of 64 hexadecimal digits.",
            )),
        }
    }

    /// Reads a `documentId`, as the appendix about persisted documents of GraphQL over HTTP has it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        match text.split_once(':') {
            Some(("sha256", hash)) if is_sha256(hash) => Some(Self(hash.into())),
            None if (1..=128).contains(&text.len()) && text.bytes().all(is_plain) => Some(Self(text.into())),
            _ => None,
        }
    }

    pub(super) fn of_text(document: &str) -> Self {
        Self(format!("{:x}", Sha256::digest(document)).into())
    }

    /// Whether it is a hash and no name.
    pub(super) fn is_hash(&self) -> bool {
        is_sha256(&self.0)
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl Documents {
    /// Any documents, or only those that are trusted.
    pub(super) fn of(trusted: Option<TrustedDocuments>) -> Self {
        trusted.map_or_else(|| Self::Any(Kept::new(MOST_BYTES)), Self::Trusted)
    }

    /// Takes note of a document that came as a text, perhaps with what names it.
    pub(super) fn take(&self, document: &str, id: Option<DocumentId>) -> Result<(), Refusal> {
        let is_its_own = |id: &DocumentId| *id == DocumentId::of_text(document);
        if id.as_ref().is_some_and(|id| !is_its_own(id)) {
            return Err(Refusal::bad_request("The SHA-256 that came with `query` is not that of `query`."));
        }
        match (self, id) {
            (Self::Trusted(trusted), _) if trusted.has_text(document) => {}
            (Self::Trusted(_), _) => {
                let message = "Only documents that the server's operator trusts may run, and this is none of them.";
                return Err(Refusal::new(StatusCode::BAD_REQUEST, Code::DocumentNotTrusted, message));
            }
            (Self::Any(kept), Some(id)) => kept.keep(id, document.into(), document.len() + EACH),
            (Self::Any(_), None) => {}
        }
        Ok(())
    }

    /// The document of this name. Where there is none, the sentence is the one that clients look for.
    pub(super) fn recall(&self, id: &DocumentId) -> Result<String, Refusal> {
        let (document, otherwise) = match self {
            Self::Trusted(trusted) => (trusted.get(id), StatusCode::BAD_REQUEST),
            // It is no mistake to ask: the client sends the document next.
            Self::Any(kept) => (kept.get(id), StatusCode::OK),
        };
        let document = document.map(|text| text.to_string());
        document.ok_or_else(|| Refusal::new(otherwise, Code::PersistedQueryNotFound, "PersistedQueryNotFound"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_id_is_a_hash_with_its_method_or_a_plain_name() {
        let hash = "7dba4bd717b41f10434822356a93c32b1fb4907b983e854300ad839f84cdcd6e";
        assert_eq!(DocumentId::of_text("query ($id: ID!) {\n  user(id: $id) {\n    name\n  }\n}").0.as_ref(), hash);
        assert_eq!(DocumentId::parse(&format!("sha256:{hash}")).unwrap().0.as_ref(), hash);
        assert!(DocumentId::parse("GuestList-1.0").is_some_and(|id| !id.is_hash()));
        for wrong in ["", "md5:1", "sha256:", &format!("SHA256:{hash}"), "a b", "x-mine:1", "ä", &"x".repeat(129)] {
            assert_eq!(DocumentId::parse(wrong), None, "{wrong}");
        }
    }
}
