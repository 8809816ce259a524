//! Ids of GraphQL documents.

use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::error::HttpError;

/// The id of a document: its SHA-256 as hexadecimal digits, which are stored in lower case, or a name.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct DocumentId(Arc<str>);

impl DocumentId {
    /// Parses `extensions.persistedQuery`.
    pub(super) fn from_extension(extension: &Value) -> Result<Self, HttpError> {
        match (extension.get("version").and_then(Value::as_u64), extension.get("sha256Hash").and_then(Value::as_str)) {
            (Some(1), Some(hash)) if is_sha256(hash) => Ok(Self::of_hash(hash)),
            _ => Err(HttpError::bad_request(
                "`persistedQuery` must have `version` 1 and a `sha256Hash` of 64 hexadecimal digits.",
            )),
        }
    }

    fn of_hash(hash: &str) -> Self {
        Self(hash.to_ascii_lowercase().into())
    }

    /// Parses a `documentId`, as GraphQL over HTTP defines it in its appendix about persisted documents.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        match text.split_once(':') {
            Some(("sha256", hash)) if is_sha256(hash) => Some(Self::of_hash(hash)),
            None if is_sha256(text) => Some(Self::of_hash(text)),
            None if (1..=128).contains(&text.len()) && text.bytes().all(is_plain) => Some(Self(text.into())),
            _ => None,
        }
    }

    /// The hash of a document.
    pub(super) fn of_text(document: &str) -> Self {
        Self(format!("{:x}", Sha256::digest(document)).into())
    }

    /// Whether the id is a hash and not a name.
    pub(super) fn is_hash(&self) -> bool {
        is_sha256(&self.0)
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_id_is_a_hash_with_its_method_or_a_plain_name() {
        let hash = "7dba4bd717b41f10434822356a93c32b1fb4907b983e854300ad839f84cdcd6e";
        assert_eq!(DocumentId::of_text("query ($id: ID!) {\n  user(id: $id) {\n    name\n  }\n}").0.as_ref(), hash);
        assert_eq!(DocumentId::parse(&format!("sha256:{hash}")).unwrap().0.as_ref(), hash);
        for same in [hash.to_uppercase(), format!("sha256:{}", hash.to_uppercase())] {
            assert_eq!(DocumentId::parse(&same), Some(DocumentId(hash.into())), "{same}");
        }
        assert!(DocumentId::parse("GuestList-1.0").is_some_and(|id| !id.is_hash()));
        for wrong in ["", "md5:1", "sha256:", &format!("SHA256:{hash}"), "a b", "x-mine:1", "ä", &"x".repeat(129)] {
            assert_eq!(DocumentId::parse(wrong), None, "{wrong}");
        }
    }
}
