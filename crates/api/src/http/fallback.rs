//! What is asked of a place that there is not, or in a way that it does not know.

use axum::http::{StatusCode, Uri};

use super::{error::Refusal, v1};
use crate::graphql::Code;

pub(super) async fn path(address: Uri) -> Refusal {
    let message = if v1::is_here(address.path()) {
        "There is nothing here. What there is says /v1/openapi.json."
    } else {
        "There is nothing here. The graph is at /graphql."
    };
    Refusal::new(StatusCode::NOT_FOUND, Code::BadRequest, message)
}

/// The methods that would do are in `Allow`, which the router adds.
pub(super) async fn method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, Code::BadRequest, "This method is not for this address.")
}
