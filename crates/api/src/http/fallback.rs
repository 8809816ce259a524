//! Responses to unknown paths and methods.

use axum::http::{StatusCode, Uri};

use super::{error::HttpError, paths};
use crate::graphql::Code;

pub(super) async fn unknown_path(address: Uri) -> HttpError {
    let message = if paths::is_rest(address.path()) {
        "Unknown path. /v1/openapi.json lists the paths of the REST API."
    } else {
        "Unknown path. The GraphQL endpoint is /graphql."
    };
    HttpError::new(StatusCode::NOT_FOUND, Code::BadRequest, message)
}

/// The router adds the permitted methods as `Allow`.
pub(super) async fn unknown_method() -> HttpError {
    let message = "This path does not support the method; `Allow` lists the supported methods.";
    HttpError::new(StatusCode::METHOD_NOT_ALLOWED, Code::BadRequest, message)
}
