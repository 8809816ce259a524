//! What every answer is wrapped in: the thing that was asked for, or `null` and what is in the way of it.

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

use super::is_here;
use crate::http::{error::Refused, negotiation::Media};

/// What is no problem that has a documented code is told by this and the HTTP status. The numbers are in the table of codes
/// of our own, `domain::problems`, where nothing else can take them.
const OURS: i32 = 2000;

/// Under which name the thing that was asked for is in the answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Member {
    Registrations,
    Workshops,
}

impl Member {
    pub(super) const ALL: [Self; 2] = [Self::Registrations, Self::Workshops];

    /// The name at an address, as the routes have it.
    pub(super) fn at(route: &str) -> Self {
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
pub(super) struct Nothing;

impl Serialize for Nothing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl PartialSchema for Nothing {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Null).into()
    }
}

impl ToSchema for Nothing {}

/// What stands in the way.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// The documented code; from 2000 up one of our own. 2400 to 2599 are no fact about what was asked for: 2000 and the
    /// HTTP status.
    #[schema(example = 1011)]
    code: i32,
    /// The documented sentence.
    #[schema(example = "Workshop capacity exceeded, cannot register to Workshop")]
    message: String,
}

/// The answer that something stands in the way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "registrations": null,
    "error": { "code": 1011, "message": "Workshop capacity exceeded, cannot register to Workshop" }
}))]
pub(super) struct RegistrationsRefused {
    registrations: Nothing,
    error: Problem,
}

/// The answer that something stands in the way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "workshops": null,
    "error": { "code": 1001, "message": "Workshop is invalid" }
}))]
pub(super) struct WorkshopsRefused {
    workshops: Nothing,
    error: Problem,
}

/// A problem, told in the envelope.
pub(super) fn refuse(member: Member, code: i32, message: &str) -> Response {
    let mut response = written(Response::default(), member, code, message);
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let json = HeaderValue::from_static(Media::Json.content_type());
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// A refusal of any other kind, with its status and its headers.
pub(super) fn rewrite(response: Response, member: Member, message: &str) -> Response {
    let code = OURS + i32::from(response.status().as_u16());
    written(response, member, code, message)
}

/// Whatever refuses a call before it is done, does so in the envelope.
pub(in crate::http) async fn wrap(request: Request, next: Next) -> Response {
    if !is_here(request.uri().path()) {
        return next.run(request).await;
    }
    let member = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let member = Member::at(member);
    let response = next.run(request).await;
    match response.extensions().get::<Refused>().cloned() {
        Some(Refused { message, .. }) => rewrite(response, member, &message),
        None => response,
    }
}

fn written(mut response: Response, member: Member, code: i32, message: &str) -> Response {
    let error = json!({ "code": code, "message": message });
    // In the documented order.
    *response.body_mut() = Body::from(format!("{{\"{}\":null,\"error\":{error}}}", member.name()));
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response
}
