//! The documented JSON call and what goes with it: thin handlers over the commands and queries that the graph has.

mod api_request;
mod docs;
mod envelope;
mod guests;
mod headers;
mod openapi;
mod parameters;
mod register;
mod registration_actions;
mod registrations;
mod responses;
mod workshop;
mod workshops;

use axum::{
    Router,
    http::HeaderName,
    routing::{get, post, put},
};

pub(super) use envelope::wrap;
pub use openapi::openapi;

use super::App;

/// The header that makes a retry safe.
pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Whether an address belongs to the call.
pub(super) fn is_here(path: &str) -> bool {
    path == "/v1" || path.starts_with("/v1/")
}

/// Whether it is one at which there could be an operation.
pub(super) fn is_call(path: &str) -> bool {
    is_here(path) && !matches!(path, "/v1/openapi.json" | "/v1/docs") && !path.starts_with("/v1/docs/assets/")
}

/// The operations.
pub(super) fn calls() -> Router<App> {
    const REGISTRATION: &str = "/v1/workshops/{workshop_id}/registrations/{registration_id}";
    Router::new()
        .route("/v1/workshops", get(workshops::list))
        .route("/v1/workshops/{workshop_id}", get(workshops::one))
        .route("/v1/workshops/{workshop_id}/registrations", post(register::register).get(registrations::list))
        .route(&format!("{REGISTRATION}/sign_in"), put(registration_actions::sign_in))
        .route(&format!("{REGISTRATION}/undo_sign_in"), put(registration_actions::undo_sign_in))
        .route(&format!("{REGISTRATION}/cancel"), put(registration_actions::cancel))
        .route("/v1/guests/{guest_id}/registrations", get(guests::registrations))
}

/// What describes them.
pub(super) fn pages() -> Router<App> {
    Router::new()
        .route("/v1/openapi.json", get(docs::document))
        .route("/v1/docs", get(docs::page))
        .route("/v1/docs/assets/{name}", get(docs::asset))
}
