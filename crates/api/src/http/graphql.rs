//! GraphQL over HTTP: `POST` for everything, `GET` for what changes nothing.

use async_graphql::{
    Request, Response as Answer,
    parser::{
        parse_query,
        types::{ExecutableDocument, OperationType},
    },
};
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
    App, MOST_BYTES,
    body::Body,
    caller::Caller,
    events,
    negotiation::{self, Accepted, Media},
    origin,
    refusal::Refusal,
    request,
};
use crate::graphql::{Code, RequestId, is_request_error, is_subscription, is_timeout};

pub(super) async fn post(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    origin::ensure_same_origin(&headers)?;
    let caller = app.identify(&headers).await?;
    let accepted = Accepted::read(&headers)?;
    negotiation::ensure_json(&headers)?;
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let message = format!("The request may have at most {MOST_BYTES} bytes.");
            Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, Code::BadRequest, message)
        }
        _ => Refusal::bad_request("The body could not be read."),
    })?;
    let body = serde_json::from_slice(&body).map_err(|_| Refusal::bad_request("The body is not JSON."))?;
    let request = request::parse(body, &app.documents)?;
    answer(app, request, caller, &id, accepted, None).await
}

pub(super) async fn get(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    parameters: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, Refusal> {
    origin::ensure_same_origin(&headers)?;
    let caller = app.identify(&headers).await?;
    let accepted = Accepted::read(&headers)?;
    let Query(parameters) = parameters.map_err(|_| Refusal::bad_request("The query string could not be read."))?;
    let by_hash = parameters.iter().all(|(name, text)| name != "query" || text.is_empty());
    let mut request = request::parse(from_parameters(parameters)?, &app.documents)?;
    // A document that does not parse is left to the graph, which says where it is wrong.
    if let Ok(document) = parse_query(&request.query) {
        if changes_something(&document, request.operation_name.as_deref()) {
            return Err(Refusal::method_not_allowed("Send mutations by POST.", "POST"));
        }
        request.set_parsed_query(document);
    }
    answer(app, request, caller, &id, accepted, by_hash.then_some(&headers)).await
}

/// Lets the client keep an answer whose address is short and always the same. It asks each time whether the answer still
/// holds, for the next registration may change it; where it does, nothing is sent again.
fn as_cacheable(mut response: Response, answer: &Answer, asked: &HeaderMap) -> Response {
    let Ok(body) = serde_json::to_vec(answer) else { return response };
    let Ok(tag) = HeaderValue::try_from(format!("\"{:x}\"", Sha256::digest(body))) else { return response };
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

/// `keeps`: what a client who may keep the answer says of the one that it has.
async fn answer(
    app: App,
    mut request: Request,
    caller: Caller,
    id: &RequestId,
    accepted: Accepted,
    keeps: Option<&HeaderMap>,
) -> Result<Response, Refusal> {
    let media = match accepted.media(is_subscription(&mut request))? {
        Media::EventStream => return Ok(events::answer(app, request, caller, id)),
        media => media,
    };
    let answer = app.graph.execute(request, caller.access, id).await;
    let response = write(&answer, media);
    Ok(match keeps {
        Some(asked) if answer.is_ok() => as_cacheable(response, &answer, asked),
        _ => response,
    })
}

/// What a `POST` would have had as its body.
fn from_parameters(parameters: Vec<(String, String)>) -> Result<Value, Refusal> {
    let mut members = Map::new();
    for (name, text) in parameters {
        let value = match name.as_str() {
            "variables" | "extensions" if !text.is_empty() => serde_json::from_str(&text)
                .map_err(|_| Refusal::bad_request(format!("`{name}` must be a JSON object.")))?,
            "operationName" | "variables" | "extensions" if text.is_empty() => Value::Null,
            _ => Value::String(text),
        };
        members.insert(name, value);
    }
    Ok(Value::Object(members))
}

fn changes_something(document: &ExecutableDocument, operation_name: Option<&str>) -> bool {
    let asked = |name: Option<&str>| operation_name.is_none() || name == operation_name;
    document
        .operations
        .iter()
        .any(|(name, operation)| asked(name.map(|name| name.as_str())) && operation.node.ty == OperationType::Mutation)
}

fn write(answer: &Answer, media: Media) -> Response {
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
    headers.insert(header::VARY, HeaderValue::from_static("accept, authorization"));
    if is_retryable {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}
