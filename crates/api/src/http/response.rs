//! Writes GraphQL responses.

use async_graphql::Response as GraphqlResponse;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Serialize, Serializer};

use super::{error::HttpError, media_type::MediaType};
use crate::graphql::{Code, RETRY_AFTER, is_request_error, is_timeout};

/// The body of a response. A request error has no `data`, not even null.
pub(super) struct Body<'a>(pub(super) &'a GraphqlResponse);

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if is_request_error(self.0) {
            serde_json::json!({ "errors": self.0.errors }).serialize(serializer)
        } else {
            self.0.serialize(serializer)
        }
    }
}

/// Writes JSON. It takes no more memory than its bytes, because a slow client can keep it for long.
pub(super) fn json(body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(mut bytes) => {
            bytes.shrink_to_fit();
            let content_type = HeaderValue::from_static(MediaType::Json.content_type());
            ([(header::CONTENT_TYPE, content_type)], bytes).into_response()
        }
        Err(error) => {
            tracing::error!(?error, "cannot serialize a response");
            HttpError::internal().into_response()
        }
    }
}

/// Writes a response with the status that belongs to its media type and its errors.
pub(super) fn write(response: &GraphqlResponse, media_type: MediaType) -> Response {
    let has_no_data = response.data == async_graphql::Value::Null;
    let is_retryable = has_no_data && response.errors.iter().any(Code::is_retryable);
    let is_rate_limited = has_no_data && response.errors.iter().any(Code::is_rate_limited);
    let status = match media_type {
        _ if is_rate_limited => StatusCode::TOO_MANY_REQUESTS,
        _ if is_retryable => StatusCode::SERVICE_UNAVAILABLE,
        _ if is_timeout(response) => StatusCode::GATEWAY_TIMEOUT,
        MediaType::GraphqlResponse if is_request_error(response) => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let mut written = (status, json(&Body(response))).into_response();
    let headers = written.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type.content_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if is_retryable || is_rate_limited {
        headers.insert(header::RETRY_AFTER, RETRY_AFTER.into());
    }
    written
}
