//! GraphiQL: the page at `/` and its embedded assets.

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderValue, Uri, header},
    response::{Html, IntoResponse, Response},
};
use include_dir::{Dir, include_dir};
use serde::Serialize;

use super::{embedded, error::HttpError};

/// The output of `npm run build` in `crates/api/playground`, compressed with gzip.
static ASSETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/playground/dist/assets");
const PAGE: &str = include_str!("../../playground/dist/index.html");
/// The element of the page that contains the configuration, and its empty content.
const CONFIG: (&str, &str) = (r#"<script id="playground-config" type="application/json">"#, "{}");

/// Permits resources of this server only. The editor sets `style` attributes.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// The initial contents of the playground.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Playground {
    /// A notice above the editor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// The tabs. GraphiQL names each after its operation.
    pub tabs: Vec<Tab>,
}

/// A prefilled tab.
#[derive(Clone, Debug, Serialize)]
pub struct Tab {
    /// The document.
    pub query: String,
    /// The variables, as JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variables: Option<String>,
}

impl Tab {
    /// The name of its operation.
    pub fn operation(&self) -> &str {
        let document = self.query.lines().find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
        let name = document.split_once(' ').map_or(document, |(_, name)| name);
        name.split(['(', ' ', '{']).next().unwrap_or_default()
    }
}

impl Playground {
    /// The page with this configuration.
    fn page(&self) -> Result<String, serde_json::Error> {
        // With `<` escaped, no text can close the element.
        let config = serde_json::to_string(self)?.replace('<', "\\u003c");
        let (element, empty) = CONFIG;
        Ok(PAGE.replacen(&format!("{element}{empty}"), &format!("{element}{config}"), 1))
    }
}

pub(super) async fn page(State(playground): State<Arc<Playground>>) -> Response {
    let page = match playground.page() {
        Ok(page) => page,
        Err(error) => {
            tracing::error!(?error, "cannot serialize the configuration of the playground");
            return HttpError::internal().into_response();
        }
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, Html(page)).into_response()
}

pub(super) async fn asset(address: Uri, name: Result<Path<String>, PathRejection>) -> Response {
    embedded::serve(&ASSETS, name, address).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_contains_its_configuration_and_no_text_can_close_the_element() {
        let tab = Tab { query: "{ a(b: \"</script>\") }".to_owned(), variables: None };
        let page = Playground { notice: None, tabs: vec![tab] }.page().unwrap();
        assert!(
            page.contains(r#"type="application/json">{"tabs":[{"query":"{ a(b: \"\u003c/script>\") }"}]}</script>"#)
        );
    }

    #[test]
    fn every_asset_of_the_page_is_embedded() {
        let names: Vec<_> =
            PAGE.split("/playground/assets/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(names.len(), 3, "a script, a style, an icon");
        for name in names {
            assert!(ASSETS.get_file(format!("{name}.gz")).is_some(), "{name}");
        }
    }
}
