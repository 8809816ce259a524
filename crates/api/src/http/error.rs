//! Error responses to requests that are rejected before GraphQL executes. They have the format of GraphQL errors.

use async_graphql::Response as GraphqlResponse;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::media_type::MediaType;
use crate::{
    graphql::{Code, Failure, INTERNAL_ERROR, RETRY_AFTER},
    permit_pool::PermitRefused,
};

/// The challenge for a request without a credential.
const MISSING_CREDENTIAL: &str = r#"Bearer realm="atelier", apikey realm="atelier""#;
/// The challenge for a request with an invalid credential.
const INVALID_CREDENTIAL: &str = r#"Bearer realm="atelier", error="invalid_token", apikey realm="atelier""#;

/// An error response.
#[derive(Clone, Debug)]
pub(super) struct HttpError {
    status: StatusCode,
    code: Code,
    message: String,
    /// The value of `Allow`.
    allow: Option<&'static str>,
    /// The value of `WWW-Authenticate`.
    challenge: Option<&'static str>,
    /// The value of `Retry-After`, in seconds.
    retry_after: Option<u64>,
}

/// The code and the message of an [`HttpError`], as an extension of its response.
#[derive(Clone, Debug)]
pub(super) struct ErrorDetails {
    pub(super) code: Code,
    pub(super) message: String,
}

impl HttpError {
    pub(super) fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        let can_retry = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        let retry_after = can_retry.then_some(RETRY_AFTER);
        Self { status, code, message: message.into(), allow: None, challenge: None, retry_after }
    }

    /// 400: the request is malformed.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadRequest, message)
    }

    /// 500: a fault of the server.
    pub(super) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::InternalServerError, INTERNAL_ERROR)
    }

    /// 401: a credential is required.
    pub(super) fn missing_credential(message: &str) -> Self {
        let error = Self::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated, message);
        Self { challenge: Some(MISSING_CREDENTIAL), ..error }
    }

    /// 401: the credential is invalid.
    pub(super) fn invalid_credential(message: &str) -> Self {
        Self { challenge: Some(INVALID_CREDENTIAL), ..Self::missing_credential(message) }
    }

    /// 429: too many credentials from one address were invalid.
    pub(super) fn too_many_credentials(seconds: u64) -> Self {
        let message = format!("Too many keys or tokens from this address were invalid. Try again in {seconds} s.");
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, Code::RateLimited, message);
        Self { retry_after: Some(seconds), ..error }
    }

    /// 405: the method does not support this operation.
    pub(super) fn method_not_allowed(message: &str, allow: &'static str) -> Self {
        Self { allow: Some(allow), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, Code::BadRequest, message) }
    }

    pub(super) fn has_code(&self, code: Code) -> bool {
        self.code == code
    }
}

impl From<Failure> for HttpError {
    /// The status of a failure for clients that expect no `errors`.
    fn from(Failure { code, message }: Failure) -> Self {
        let status = match code {
            Code::Unauthenticated => return Self::missing_credential(&message),
            Code::Forbidden => StatusCode::FORBIDDEN,
            Code::BadUserInput | Code::ResponseTooLarge => StatusCode::UNPROCESSABLE_ENTITY,
            Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Code::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Code::Overloaded | Code::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, code, message)
    }
}

impl From<PermitRefused> for HttpError {
    fn from(refused: PermitRefused) -> Self {
        Failure::from(refused).into()
    }
}

impl From<HttpError> for GraphqlResponse {
    fn from(error: HttpError) -> Self {
        Self::from_errors(vec![error.code.error(error.message)])
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let details = ErrorDetails { code: self.code, message: self.message };
        let mut error = self.code.error(details.message.clone());
        if let (Code::RateLimited, Some(seconds)) = (self.code, self.retry_after) {
            error.extensions.get_or_insert_default().set("retryAfter", seconds);
        }
        let mut response = (self.status, Json(json!({ "errors": [error] }))).into_response();
        response.extensions_mut().insert(details);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MediaType::Json.content_type()));
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
