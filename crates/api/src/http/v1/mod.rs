//! The REST API: handlers that run the same commands and queries as the GraphQL API.

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
    routing::{get, post, put},
};

pub(super) use envelope::wrap;
pub(super) use headers::IDEMPOTENCY_KEY;
pub use openapi::openapi;

use super::app::App;

/// The routes of the operations.
pub(super) fn operations() -> Router<App> {
    const REGISTRATION: &str = "/v1/workshops/{workshop_id}/registrations/{registration_id}";
    Router::new()
        .route("/v1/workshops", get(workshops::list))
        .route("/v1/workshops/{workshop_id}", get(workshops::get))
        .route("/v1/workshops/{workshop_id}/registrations", post(register::register).get(registrations::list))
        .route(&format!("{REGISTRATION}/sign_in"), put(registration_actions::sign_in))
        .route(&format!("{REGISTRATION}/undo_sign_in"), put(registration_actions::undo_sign_in))
        .route(&format!("{REGISTRATION}/cancel"), put(registration_actions::cancel))
        .route("/v1/guests/{guest_id}/registrations", get(guests::registrations))
}

/// The routes of the OpenAPI document and of Swagger UI.
pub(super) fn pages() -> Router<App> {
    Router::new()
        .route("/v1/openapi.json", get(docs::document))
        .route("/v1/docs", get(docs::page))
        .route("/v1/docs/assets/{name}", get(docs::asset))
}
