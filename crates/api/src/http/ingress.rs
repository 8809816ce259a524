//! The restrictions that apply before authentication.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    app::App,
    error::HttpError,
    host::{Host, is_addressed},
    origin::{Origin, ensure_same_origin},
    paths::is_probe,
    trusted_documents::TrustedDocuments,
};
use crate::graphql::Code;

/// The origins, host names and documents that a server accepts.
#[derive(Clone, Debug, Default)]
pub struct IngressPolicy {
    /// The origins whose pages can call the server, besides its own pages.
    pub origins: Vec<Origin>,
    /// The host names that requests can address; `None`: all.
    pub hosts: Option<Vec<Host>>,
    /// The only documents that can run; `None`: all.
    pub trusted_documents: Option<TrustedDocuments>,
    /// Whether introspection is rejected.
    pub no_introspection: bool,
}

/// Rejects requests for an unknown host name. With DNS rebinding, a page of another site resolves its own name to this
/// server: its requests are same-origin for the browser, and only the name reveals them.
pub(super) async fn ensure_known_host(
    State(policy): State<Arc<IngressPolicy>>,
    request: Request,
    next: Next,
) -> Response {
    // Probes address the server by any of its IP addresses.
    if is_probe(request.uri().path()) || policy.hosts.as_ref().is_none_or(|hosts| is_addressed(hosts, &request)) {
        return next.run(request).await;
    }
    let message = "The server does not accept requests for this host name. Its operator can add names with --host.";
    HttpError::new(StatusCode::MISDIRECTED_REQUEST, Code::BadRequest, message).into_response()
}

/// Rejects requests of pages of other origins.
pub(super) async fn ensure_permitted_origin(State(app): State<App>, request: Request, next: Next) -> Response {
    match ensure_same_origin(request.headers(), &app.ingress.origins) {
        Ok(()) => next.run(request).await,
        Err(error) => {
            app.origin_log.record(request.headers());
            error.into_response()
        }
    }
}
