//! What is asked of a place that there is not, or in a way that it does not know.

use axum::http::StatusCode;

use super::refusal::Refusal;
use crate::graphql::Code;

pub(super) async fn path() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, Code::BadRequest, "There is nothing here. The graph is at /graphql.")
}

/// The methods that would do are in `Allow`, which the router adds.
pub(super) async fn method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, Code::BadRequest, "This method is not for this address.")
}
