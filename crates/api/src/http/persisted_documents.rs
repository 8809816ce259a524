//! Documents that clients request by id. By default all documents can run, and a document that a client sends with its hash
//! is cached for requests by hash (Apollo's automatic persisted queries). With a list of trusted documents only those run.

use std::sync::Arc;

use axum::http::StatusCode;

use super::{document_id::DocumentId, error::HttpError, trusted_documents::TrustedDocuments};
use crate::{byte_cache::ByteCache, graphql::Code};

/// The maximum bytes of all cached documents.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// The bytes of a cached document in addition to its text, including its hash.
const ENTRY_OVERHEAD: usize = 256;

/// The documents that a server runs.
pub(super) enum PersistedDocuments {
    /// All documents, and a cache of those sent with their hash. A client sends an evicted document again.
    Any(ByteCache<DocumentId, Arc<str>>),
    /// Only these.
    Trusted(TrustedDocuments),
}

impl Default for PersistedDocuments {
    fn default() -> Self {
        Self::new(None)
    }
}

impl PersistedDocuments {
    /// All documents, or only the trusted ones.
    pub(super) fn new(trusted: Option<TrustedDocuments>) -> Self {
        trusted.map_or_else(|| Self::Any(ByteCache::new(MAX_BYTES)), Self::Trusted)
    }

    /// Accepts a document that was sent as text, and caches it if its id was sent with it.
    pub(super) fn accept(&self, document: &str, id: Option<DocumentId>) -> Result<(), HttpError> {
        if id.as_ref().is_some_and(|id| *id != DocumentId::of_text(document)) {
            return Err(HttpError::bad_request(
                "The SHA-256 that was sent with `query` is not the SHA-256 of `query`.",
            ));
        }
        match (self, id) {
            (Self::Trusted(trusted), _) if trusted.has_text(document) => {}
            (Self::Trusted(_), _) => {
                let message = "This document is not one of the trusted documents of this server.";
                return Err(HttpError::new(StatusCode::BAD_REQUEST, Code::DocumentNotTrusted, message));
            }
            (Self::Any(cache), Some(id)) => cache.insert(id, document.into(), document.len() + ENTRY_OVERHEAD),
            (Self::Any(_), None) => {}
        }
        Ok(())
    }

    /// The document with this id. Apollo's clients recognize the message of the error.
    pub(super) fn get(&self, id: &DocumentId) -> Result<String, HttpError> {
        let (document, status_if_missing) = match self {
            Self::Trusted(trusted) => (trusted.get(id), StatusCode::BAD_REQUEST),
            // A normal step of the protocol: the client sends the document next.
            Self::Any(cache) => (cache.get(id), StatusCode::OK),
        };
        document
            .map(|text| text.to_string())
            .ok_or_else(|| HttpError::new(status_if_missing, Code::PersistedQueryNotFound, "PersistedQueryNotFound"))
    }
}
