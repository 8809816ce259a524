//! GraphQL over HTTP: `POST` for all operations, `GET` for queries.

use async_graphql::Response as GraphqlResponse;
use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{
    address::Address,
    app::App,
    body::RequestBody,
    caller::Caller,
    error::HttpError,
    events,
    media_type::MediaType,
    negotiation::{self, Accepted},
    query_string, rate_limit_headers, request,
    response::write,
};
use crate::{
    graphql::{PreparedRequest, RequestId},
    rate_limit::CostBudget,
};

pub(super) async fn post(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    Extension(address): Extension<Address>,
    headers: HeaderMap,
    RequestBody(body): RequestBody,
) -> Result<Response, HttpError> {
    let (permit, caller) = app.admit(&headers, address).await?;
    let accepted = Accepted::parse(&headers)?;
    negotiation::ensure_json(&headers)?;
    let body = body?;
    let turn = app.graph.parsing_turn(caller.key(), body.bytes.len()).await;
    let request = request::parse(request::json(&body.bytes, "The body")?, &app.documents)?;
    drop(body);
    let budget = app.budget(&caller);
    let request = app.prepare(request, budget.clone(), permit);
    drop(turn);
    respond(app, request, caller, budget, &id, accepted, None).await
}

pub(super) async fn get(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    Extension(address): Extension<Address>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, HttpError> {
    let (permit, caller) = app.admit(&headers, address).await?;
    let accepted = Accepted::parse(&headers)?;
    let parameters = query_string::parameters(&uri)?;
    let is_by_hash = parameters.iter().all(|(name, text)| name != "query" || text.is_empty());
    let request = request::parse(from_parameters(parameters)?, &app.documents)?;
    let budget = app.budget(&caller);
    let request = app.prepare(request, budget.clone(), permit);
    if request.is_mutation() {
        return Err(HttpError::method_not_allowed("Send mutations by POST.", "POST"));
    }
    respond(app, request, caller, budget, &id, accepted, Some(GetRequest { headers, is_by_hash })).await
}

/// Lists the methods. It has no CORS headers, so that a preflight of another origin fails.
pub(super) async fn options() -> Response {
    (StatusCode::NO_CONTENT, [(header::ALLOW, HeaderValue::from_static("GET,HEAD,POST,OPTIONS"))]).into_response()
}

/// Adds an `ETag`, so that the client can cache the response to a short, stable URL. The client revalidates each time,
/// because any registration can change the data; unchanged data is not sent again.
fn with_etag(mut response: Response, graphql: &GraphqlResponse, request_headers: &HeaderMap) -> Response {
    // Over the data only: the extensions contain the remaining budget, which differs each time.
    let Ok(data) = serde_json::to_vec(&graphql.data) else { return response };
    let Ok(etag) = HeaderValue::try_from(format!("\"{:x}\"", Sha256::digest(data))) else { return response };
    let cached = request_headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut cached = cached.flat_map(|list| list.split(','));
    if cached.any(|tag| tag.trim().trim_start_matches("W/").as_bytes() == etag.as_bytes()) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = axum::body::Body::empty();
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::ETAG, etag);
    response
}

/// The parts of a `GET` that change its response.
struct GetRequest {
    headers: HeaderMap,
    /// Whether the document was requested by its hash alone: the response can then be cached.
    is_by_hash: bool,
}

async fn respond(
    app: App,
    request: PreparedRequest,
    caller: Caller,
    budget: CostBudget,
    id: &RequestId,
    accepted: Accepted,
    get: Option<GetRequest>,
) -> Result<Response, HttpError> {
    let media_type = match accepted.media_type(request.is_subscription())? {
        MediaType::EventStream => return Ok(events::respond(app, request, caller, id, &budget)),
        media_type => media_type,
    };
    let executed = app.graph.execute(request, caller.access, id).await;
    let graphql = &executed.response;
    let response = match get {
        Some(GetRequest { headers, is_by_hash: true }) if graphql.is_ok() => {
            with_etag(write(graphql, media_type), graphql, &headers)
        }
        _ => write(graphql, media_type),
    };
    Ok(rate_limit_headers::add(response, &budget))
}

/// Converts the parameters of a `GET` to the body of the equivalent `POST`.
fn from_parameters(parameters: Vec<(String, String)>) -> Result<Value, HttpError> {
    let mut members = Map::new();
    for (name, text) in parameters {
        let value = match name.as_str() {
            "variables" | "extensions" if !text.is_empty() => request::json(text.as_bytes(), &format!("`{name}`"))?,
            "operationName" | "variables" | "extensions" if text.is_empty() => Value::Null,
            _ => Value::String(text),
        };
        if members.insert(name, value).is_some() {
            return Err(HttpError::bad_request("A parameter occurs more than once."));
        }
    }
    Ok(Value::Object(members))
}
