use async_graphql::Response as Answer;
use axum::{
    Json,
    extract::rejection::BytesRejection,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{Limits, caller::CHALLENGE, negotiation::Media};
use crate::graphql::{Code, Failure, INTERNAL_ERROR, OVERLOADED, RETRY_AFTER};

/// An answer to a request that never came as far as the graph; it looks like a GraphQL error all the same.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: Code,
    message: String,
    /// The methods that would be allowed.
    allow: Option<&'static str>,
    /// How to say who is calling.
    challenge: Option<&'static str>,
    /// After how many seconds to ask again.
    retry_after: Option<u64>,
}

/// Stands with the answer to a request that never came as far as the graph, and says why.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    pub(super) code: Code,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        let retry_after = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER);
        Self { status, code, message: message.into(), allow: None, challenge: None, retry_after }
    }

    /// 400: what came is not what could have been asked.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadRequest, message)
    }

    /// The body could not be read; 413 when it is too long.
    pub(super) fn unread(rejection: &BytesRejection, limits: &Limits) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                let message = format!("The request may have at most {} bytes.", limits.body);
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, Code::BadRequest, message)
            }
            _ => Self::bad_request("The body could not be read."),
        }
    }

    /// 500: something that should not happen.
    pub(super) fn fault() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::InternalServerError, INTERNAL_ERROR)
    }

    /// 401: it is not known who is calling.
    pub(super) fn unauthenticated(message: &str, challenge: &'static str) -> Self {
        Self { challenge: Some(challenge), ..Self::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated, message) }
    }

    /// 429: too many credentials from one address were refused.
    pub(super) fn wait(seconds: u64) -> Self {
        let message = "Too many keys or tokens from this address were not valid. Wait.";
        let refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, Code::RateLimited, message);
        Self { retry_after: Some(seconds), ..refusal }
    }

    /// 503: there is more to do than can be done.
    pub(super) fn overload() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Overloaded, OVERLOADED)
    }

    /// Whether this is what is wrong.
    pub(super) fn is_of(&self, code: Code) -> bool {
        self.code == code
    }

    /// 405: this method is for something else.
    pub(super) fn method_not_allowed(message: &str, allow: &'static str) -> Self {
        Self { allow: Some(allow), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, Code::BadRequest, message) }
    }
}

impl From<Failure> for Refusal {
    /// The status that says the same where there are no `errors`.
    fn from(Failure { code, message }: Failure) -> Self {
        let status = match code {
            Code::Unauthenticated => return Self::unauthenticated(&message, CHALLENGE),
            Code::Forbidden => StatusCode::FORBIDDEN,
            Code::BadUserInput => StatusCode::UNPROCESSABLE_ENTITY,
            Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Code::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Code::Overloaded | Code::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, code, message)
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        Self::from_errors(vec![refusal.code.error(refusal.message)])
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let refused = Refused { code: self.code, message: self.message };
        let mut error = self.code.error(refused.message.clone());
        if let (Code::RateLimited, Some(seconds)) = (self.code, self.retry_after) {
            error.extensions.get_or_insert_default().set("retryAfter", seconds);
        }
        let mut response = (self.status, Json(json!({ "errors": [error] }))).into_response();
        response.extensions_mut().insert(refused);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Media::Json.content_type()));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(allow) = self.allow {
            headers.insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        if let Some(challenge) = self.challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}
