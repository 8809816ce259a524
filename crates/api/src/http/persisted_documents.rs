//! Documents that clients request by id. By default all documents can run, and a document that a client sends with its hash
//! is cached for requests by hash (Apollo's automatic persisted queries). With a list of trusted documents only those run.

use std::sync::Arc;

use axum::http::StatusCode;

use super::{
    app::App, document_id::DocumentId, error::HttpError, request::IdentifiedRequest,
    trusted_documents::TrustedDocuments,
};
use crate::{
    byte_cache::ByteCache,
    graphql::{Code, InFlightPermit, PreparedRequest},
    rate_limit::CostBudget,
};

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

    /// Accepts a document that was sent as text, with its id or without.
    pub(super) fn accept(&self, document: &str, id: Option<&DocumentId>) -> Result<(), HttpError> {
        if id.is_some_and(|id| *id != DocumentId::of_text(document)) {
            return Err(HttpError::bad_request(
                "The SHA-256 that was sent with `query` is not the SHA-256 of `query`.",
            ));
        }
        match self {
            Self::Trusted(trusted) if !trusted.has_text(document) => {
                let message = "This document is not one of the trusted documents of this server.";
                Err(HttpError::new(StatusCode::BAD_REQUEST, Code::DocumentNotTrusted, message))
            }
            Self::Trusted(_) | Self::Any(_) => Ok(()),
        }
    }

    /// Keeps a document for requests by its id. The caller has parsed it: texts that are no documents would evict those
    /// that clients use.
    fn keep(&self, id: DocumentId, document: &str) {
        if let Self::Any(cache) = self {
            cache.insert(id, document.into(), document.len() + ENTRY_OVERHEAD);
        }
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

impl App {
    /// Parses the document of a request and checks its limits. Keeps it if its id was sent with it.
    pub(super) fn prepare(
        &self,
        request: IdentifiedRequest,
        budget: CostBudget,
        permit: InFlightPermit,
    ) -> PreparedRequest {
        let IdentifiedRequest { request, sent_id } = request;
        let prepared = self.graph.prepare(request, budget, permit);
        if let (Some(id), Some(document)) = (sent_id, prepared.parsed_text()) {
            self.documents.keep(id, document);
        }
        prepared
    }
}
