//! The rate limit headers of draft-ietf-httpapi-ratelimit-headers.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

use crate::{
    graphql::in_seconds,
    rate_limit::{BucketState, CostBudget},
};

const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Adds the state of the budget to a response. If the charge was rejected, the status becomes 429 for every media type.
pub(super) fn add(mut response: Response, budget: &CostBudget) -> Response {
    let Some((buckets, BucketState { remaining, full_in, retry_in })) = budget.charged() else { return response };
    let (quota, window) = buckets.policy();
    let policy = format!("\"cost\";q={quota};w={}", in_seconds(window));
    let state = format!("\"cost\";r={remaining};t={}", in_seconds(retry_in.unwrap_or(full_in)));
    let headers = response.headers_mut();
    for (name, text) in [(RATELIMIT_POLICY, policy), (RATELIMIT, state)] {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
    if let Some(wait) = retry_in {
        headers.insert(header::RETRY_AFTER, in_seconds(wait).into());
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    }
    response
}
