//! GraphQL over HTTP: `POST` for everything, `GET` for what changes nothing.

use async_graphql::{Request, Response as Answer};
use axum::{
    Extension, Json,
    body::Bytes,
    extract::{
        Query, State,
        rejection::{BytesRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{
    App,
    address::Address,
    body::Body,
    caller::Caller,
    error::Refusal,
    events,
    negotiation::{self, Accepted, Media},
    rate_limit_headers, request,
};
use crate::graphql::{Code, InFlightPermit, RETRY_AFTER, RequestId, is_request_error, is_timeout};

pub(super) async fn post(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    Extension(address): Extension<Address>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let place = app.graph.admit().ok_or_else(Refusal::overload)?;
    let caller = app.identify(&headers, address).await?;
    let accepted = Accepted::read(&headers)?;
    negotiation::ensure_json(&headers)?;
    let body = body.map_err(|rejection| Refusal::unread(&rejection, &app.limits))?;
    let request = request::parse(request::json(&body, "The body")?, &app.documents)?;
    answer(app, request, caller, &id, accepted, place, None).await
}

pub(super) async fn get(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    Extension(address): Extension<Address>,
    headers: HeaderMap,
    parameters: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, Refusal> {
    let place = app.graph.admit().ok_or_else(Refusal::overload)?;
    let caller = app.identify(&headers, address).await?;
    let accepted = Accepted::read(&headers)?;
    let Query(parameters) = parameters.map_err(|_| Refusal::bad_request("The query string could not be read."))?;
    let by_hash = parameters.iter().all(|(name, text)| name != "query" || text.is_empty());
    let request = request::parse(from_parameters(parameters)?, &app.documents)?;
    answer(app, request, caller, &id, accepted, place, Some(Get { headers, by_hash })).await
}

/// Says how the graph can be asked. To the browser of a page of another origin this is a no.
pub(super) async fn options() -> Response {
    (StatusCode::NO_CONTENT, [(header::ALLOW, HeaderValue::from_static("GET,HEAD,POST,OPTIONS"))]).into_response()
}

/// Lets the client keep an answer whose address is short and always the same. It asks each time whether the answer still
/// holds, for the next registration may change it; where it does, nothing is sent again.
fn as_cacheable(mut response: Response, answer: &Answer, asked: &HeaderMap) -> Response {
    // Of what is answered and nothing else: what is left of the caller's share is another each time.
    let Ok(data) = serde_json::to_vec(&answer.data) else { return response };
    let Ok(tag) = HeaderValue::try_from(format!("\"{:x}\"", Sha256::digest(data))) else { return response };
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut known = known.flat_map(|list| list.split(','));
    if known.any(|known| known.trim().trim_start_matches("W/").as_bytes() == tag.as_bytes()) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = axum::body::Body::empty();
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::ETAG, tag);
    response
}

/// What is special about a `GET`.
struct Get {
    headers: HeaderMap,
    /// Whether the document was asked for by its hash alone, so that the client may keep the answer.
    by_hash: bool,
}

async fn answer(
    app: App,
    request: Request,
    caller: Caller,
    id: &RequestId,
    accepted: Accepted,
    place: InFlightPermit,
    get: Option<Get>,
) -> Result<Response, Refusal> {
    let purse = app.purse(&caller);
    let reading = app.graph.prepare(request, purse.clone(), place);
    if get.is_some() && reading.is_mutation() {
        return Err(Refusal::method_not_allowed("Send mutations by POST.", "POST"));
    }
    let media = match accepted.media(reading.is_subscription())? {
        Media::EventStream => return Ok(events::answer(app, reading, caller, id, &purse)),
        media => media,
    };
    let answer = app.graph.execute(reading, caller.access, id).await;
    let response = match get {
        Some(Get { headers, by_hash: true }) if answer.is_ok() => {
            as_cacheable(write(&answer, media), &answer, &headers)
        }
        _ => write(&answer, media),
    };
    Ok(rate_limit_headers::tell(response, &purse))
}

/// What a `POST` would have had as its body.
fn from_parameters(parameters: Vec<(String, String)>) -> Result<Value, Refusal> {
    let mut members = Map::new();
    for (name, text) in parameters {
        let value = match name.as_str() {
            "variables" | "extensions" if !text.is_empty() => request::json(text.as_bytes(), &format!("`{name}`"))?,
            "operationName" | "variables" | "extensions" if text.is_empty() => Value::Null,
            _ => Value::String(text),
        };
        if members.insert(name, value).is_some() {
            return Err(Refusal::bad_request("A parameter may come once."));
        }
    }
    Ok(Value::Object(members))
}

pub(super) fn write(answer: &Answer, media: Media) -> Response {
    let is_retryable = answer.data == async_graphql::Value::Null && answer.errors.iter().any(Code::is_retryable);
    let status = match media {
        _ if is_retryable => StatusCode::SERVICE_UNAVAILABLE,
        _ if is_timeout(answer) => StatusCode::GATEWAY_TIMEOUT,
        Media::GraphqlResponse if is_request_error(answer) => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let mut response = (status, Json(Body(answer))).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if is_retryable {
        headers.insert(header::RETRY_AFTER, RETRY_AFTER.into());
    }
    response
}
