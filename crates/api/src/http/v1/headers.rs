use axum::http::HeaderName;
use utoipa::IntoParams;

/// The name of the header `Idempotency-Key`.
pub(in crate::http) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The description of the header `Idempotency-Key`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "a description; `ApiRequest` reads the header")]
pub(super) struct IdempotencyKey {
    /// Makes retries safe: for 24 hours, a repeated request with the same key and input changes nothing and returns the
    /// registration in its current state. Errors are not stored. Use a new UUID for each change. GraphQL uses the same
    /// keys.
    // No example: Swagger UI would send the same key with each request.
    #[param(
        rename = "Idempotency-Key", value_type = String, required = false, min_length = 1, max_length = 255,
        pattern = "^[!-~]+$"
    )]
    idempotency_key: Option<String>,
}
