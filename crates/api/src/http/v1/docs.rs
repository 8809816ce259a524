//! The OpenAPI document, and Swagger UI with its embedded assets.

use std::sync::LazyLock;

use axum::{
    extract::{Path, rejection::PathRejection},
    http::{HeaderValue, Uri, header},
    response::{Html, IntoResponse, Response},
};
use include_dir::{Dir, include_dir};

use super::openapi;
use crate::http::embedded;

static DOCUMENT: LazyLock<String> = LazyLock::new(openapi::openapi);

/// The output of `npm run build` in `crates/api/swagger-ui`, compressed with gzip.
static ASSETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/swagger-ui/dist/assets");
const PAGE: &str = include_str!("../../../swagger-ui/dist/index.html");

/// Permits resources of this server only. The icons in the style sheet of Swagger UI are `data:` URLs.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; \
    img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) async fn document() -> Response {
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    ([(header::CONTENT_TYPE, json)], DOCUMENT.as_str()).into_response()
}

pub(super) async fn page() -> Response {
    ([(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY))], Html(PAGE)).into_response()
}

pub(super) async fn asset(address: Uri, name: Result<Path<String>, PathRejection>) -> Response {
    embedded::serve(&ASSETS, name, address).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_asset_of_the_page_is_embedded() {
        let names: Vec<_> = PAGE.split("/v1/docs/assets/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(names.len(), 5, "two scripts, two styles, an icon");
        for name in names {
            assert!(ASSETS.get_file(format!("{name}.gz")).is_some(), "{name}");
        }
    }
}
