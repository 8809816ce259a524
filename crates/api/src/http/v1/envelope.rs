//! The envelope of every response of the REST API: the result and `error: null`, or `null` and the error.

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use serde::{Serialize, Serializer};
use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::http::{error::ErrorDetails, media_type::MediaType, paths};

/// The base of the codes of errors that are not problems: this number plus the HTTP status. The table of problem codes,
/// `domain::problems`, reserves these numbers.
const HTTP_ERROR_BASE: i32 = 2000;

/// The description of the responses with status 400.
pub(super) const PROBLEM: &str = "A problem: a business rule rejects the request.";

/// The member of the envelope that contains the result.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum EnvelopeKey {
    Registrations,
    Workshops,
}

impl EnvelopeKey {
    pub(super) const ALL: [Self; 2] = [Self::Registrations, Self::Workshops];

    /// The key of the operations at a route.
    pub(super) fn of_route(route: &str) -> Self {
        match route {
            "/v1/workshops" | "/v1/workshops/{workshop_id}" => Self::Workshops,
            _ => Self::Registrations,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Registrations => "registrations",
            Self::Workshops => "workshops",
        }
    }
}

/// Always `null`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Null;

impl Serialize for Null {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl PartialSchema for Null {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Null).into()
    }
}

impl ToSchema for Null {}

/// A problem, or an HTTP error.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Error {
    /// The documented code of a problem. 2400 to 2599 are HTTP errors: 2000 plus the HTTP status.
    #[schema(example = 1011)]
    code: i32,
    /// The documented message of the code, or a message for developers.
    #[schema(example = "Workshop capacity exceeded, cannot register to Workshop")]
    message: String,
}

/// An error of an operation on registrations.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "registrations": null,
    "error": { "code": 1011, "message": "Workshop capacity exceeded, cannot register to Workshop" }
}))]
pub(super) struct RegistrationsError {
    registrations: Null,
    error: Error,
}

/// An error of an operation on workshops.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "workshops": null,
    "error": { "code": 1001, "message": "Workshop is invalid" }
}))]
pub(super) struct WorkshopsError {
    workshops: Null,
    error: Error,
}

/// The response for a problem, with status 400.
pub(super) fn problem(key: EnvelopeKey, code: i32, message: &str) -> Response {
    let mut response = with_error(Response::default(), key, code, message);
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let json = HeaderValue::from_static(MediaType::Json.content_type());
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// Replaces the body of an HTTP error by the envelope. Status and headers stay.
pub(super) fn http_error(response: Response, key: EnvelopeKey, message: &str) -> Response {
    let code = HTTP_ERROR_BASE + i32::from(response.status().as_u16());
    with_error(response, key, code, message)
}

/// Puts the HTTP errors of all middleware into the envelope.
pub(in crate::http) async fn wrap(request: Request, next: Next) -> Response {
    if !paths::is_rest(request.uri().path()) {
        return next.run(request).await;
    }
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let key = EnvelopeKey::of_route(route);
    let response = next.run(request).await;
    match response.extensions().get::<ErrorDetails>().cloned() {
        Some(ErrorDetails { message, .. }) => http_error(response, key, &message),
        None => response,
    }
}

fn with_error(mut response: Response, key: EnvelopeKey, code: i32, message: &str) -> Response {
    let error = json!({ "code": code, "message": message });
    // Formatted by hand to keep the documented order of the members.
    *response.body_mut() = Body::from(format!("{{\"{}\":null,\"error\":{error}}}", key.name()));
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response
}
