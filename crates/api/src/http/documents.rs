//! Automatic persisted queries, as Apollo's clients have them: a document comes once with its hash, and is asked for by
//! the hash alone from then on.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;
use hashlink::LruCache;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::refusal::Refusal;
use crate::graphql::Code;

/// The most bytes of all documents that are kept.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// What a document takes besides its text, its hash among it.
const EACH: usize = 256;

/// The SHA-256 of a document, in lower-case hexadecimal digits.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct DocumentHash(String);

/// The documents that were sent with their hash. When they are too many, the one that was not asked for the longest is
/// let go of: its client sends it again.
#[derive(Default)]
pub(super) struct Documents(Mutex<Kept>);

struct Kept {
    texts: LruCache<DocumentHash, Arc<str>>,
    bytes: usize,
}

impl Default for Kept {
    fn default() -> Self {
        Self { texts: LruCache::new_unbounded(), bytes: 0 }
    }
}

impl DocumentHash {
    /// Reads `extensions.persistedQuery`.
    pub(super) fn parse(extension: &Value) -> Result<Self, Refusal> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        match (extension.get("version").and_then(Value::as_u64), extension.get("sha256Hash").and_then(Value::as_str)) {
            (Some(1), Some(hash)) if hash.len() == 64 && hash.bytes().all(is_digit) => Ok(Self(hash.to_owned())),
            _ => Err(Refusal::bad_request(
                "`persistedQuery` has a `version`, which is 1, and a `sha256Hash` of 64 hexadecimal digits.",
            )),
        }
    }

    fn of(document: &str) -> Self {
        Self(format!("{:x}", Sha256::digest(document)))
    }
}

impl Documents {
    /// Keeps a document that came with its hash.
    pub(super) fn keep(&self, hash: DocumentHash, document: &str) -> Result<(), Refusal> {
        if DocumentHash::of(document) != hash {
            return Err(Refusal::bad_request("`sha256Hash` is not the SHA-256 of `query`."));
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.texts.insert(hash, document.into()).is_none() {
            kept.bytes += document.len() + EACH;
        }
        while kept.bytes > MOST_BYTES
            && let Some((_, oldest)) = kept.texts.remove_lru()
        {
            kept.bytes -= oldest.len() + EACH;
        }
        Ok(())
    }

    /// The document with this hash. Where there is none, the sentence is the one that clients look for.
    pub(super) fn recall(&self, hash: &DocumentHash) -> Result<String, Refusal> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let document = kept.texts.get(hash).map(|text| text.to_string());
        document.ok_or_else(|| Refusal::new(StatusCode::OK, Code::PersistedQueryNotFound, "PersistedQueryNotFound"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_and_what_is_asked_for_stays() {
        let documents = Documents::default();
        let document = |number: usize| format!("# {number}{}", " ".repeat(100 * 1024));
        let keep = |number| {
            let hash = DocumentHash::of(&document(number));
            documents.keep(hash.clone(), &document(number)).unwrap();
            hash
        };
        let (asked_for, forgotten) = (keep(0), keep(1));
        for number in 2..200 {
            keep(number);
            assert_eq!(documents.recall(&asked_for).unwrap(), document(0));
            assert!(documents.0.lock().unwrap().bytes <= MOST_BYTES);
        }
        assert!(documents.recall(&forgotten).is_err());
        // Kept again it is not counted twice.
        let before = documents.0.lock().unwrap().bytes;
        keep(0);
        assert_eq!(documents.0.lock().unwrap().bytes, before);
    }
}
