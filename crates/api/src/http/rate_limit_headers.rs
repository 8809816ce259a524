//! How much is left of a caller's share, in the headers that the IETF's draft-ietf-httpapi-ratelimit-headers names.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

use crate::{
    graphql::in_seconds,
    rate_limit::{CostBudget, Level},
};

const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Says in an answer what was taken. One to an operation that asked for more than was left is 429, in any media type.
pub(super) fn tell(mut response: Response, purse: &CostBudget) -> Response {
    let Some((buckets, Level { remaining, full_in, wait })) = purse.paid() else { return response };
    let (quota, window) = buckets.policy();
    let policy = format!("\"cost\";q={quota};w={}", in_seconds(window));
    let level = format!("\"cost\";r={remaining};t={}", in_seconds(wait.unwrap_or(full_in)));
    let headers = response.headers_mut();
    for (name, text) in [(RATELIMIT_POLICY, policy), (RATELIMIT, level)] {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
    if let Some(wait) = wait {
        headers.insert(header::RETRY_AFTER, in_seconds(wait).into());
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    }
    response
}
