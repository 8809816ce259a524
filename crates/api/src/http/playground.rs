//! GraphiQL, embedded: the page at `/` and what it loads, all from here.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderValue, Uri, header},
    response::{Html, IntoResponse, Response},
};
use include_dir::{Dir, include_dir};
use serde::Serialize;

use super::{App, embedded, error::Refusal};
use crate::demo::example;

/// What `npm run build` in `crates/api/playground` wrote, gzip-compressed.
static ASSETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/playground/dist/assets");
const PAGE: &str = include_str!("../../playground/dist/index.html");
/// The place in the page where its configuration goes.
const CONFIG: (&str, &str) = (r#"<script id="playground-config" type="application/json">"#, "{}");

/// Everything from here and nothing from elsewhere. The editor styles itself through `style` attributes.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// What the playground starts with.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Playground {
    /// A line above the editor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// The tabs, each named after its operation.
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
    /// A playground over a database of which nothing is known.
    pub fn bare() -> Self {
        Self { notice: None, tabs: vec![example!("Workshops")] }
    }

    /// The page with this configuration in it.
    fn page(&self) -> Result<String, serde_json::Error> {
        // No tag can end inside of the element: JSON may write `<` as an escape.
        let config = serde_json::to_string(self)?.replace('<', "\\u003c");
        let (element, empty) = CONFIG;
        Ok(PAGE.replacen(&format!("{element}{empty}"), &format!("{element}{config}"), 1))
    }
}

pub(super) async fn page(State(app): State<App>) -> Response {
    let page = match app.playground.page() {
        Ok(page) => page,
        Err(error) => {
            tracing::error!(?error, "the playground's configuration cannot be written");
            return Refusal::fault().into_response();
        }
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, Html(page)).into_response()
}

pub(super) async fn asset(address: Uri, name: Result<Path<String>, PathRejection>) -> Response {
    embedded::answer(&ASSETS, name, address).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_holds_its_configuration_and_nothing_can_break_out_of_it() {
        let tab = Tab { query: "{ a(b: \"</script>\") }".to_owned(), variables: None };
        let page = Playground { notice: None, tabs: vec![tab] }.page().unwrap();
        assert!(
            page.contains(r#"type="application/json">{"tabs":[{"query":"{ a(b: \"\u003c/script>\") }"}]}</script>"#)
        );
    }

    #[test]
    fn whatever_the_page_loads_is_there() {
        let names: Vec<_> =
            PAGE.split("/playground/assets/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(names.len(), 3, "a script, a style, an icon");
        for name in names {
            assert!(ASSETS.get_file(format!("{name}.gz")).is_some(), "{name}");
        }
    }
}
