//! The way in for who watches the server: a port of its own, on which there is nothing else.

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::host::{Host, is_of};
use crate::Metrics;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

impl Metrics {
    /// The routes, for who asks under one of these names; `None`: under any.
    pub fn router(self, hosts: Option<Vec<Host>>) -> Router {
        Router::new().route("/metrics", get(tell)).with_state((self, hosts))
    }
}

async fn tell(State((metrics, hosts)): State<(Metrics, Option<Vec<Host>>)>, request: Request) -> Response {
    // As with the graph: a page from elsewhere may have pointed its own name here.
    if hosts.is_some_and(|hosts| !is_of(&hosts, &request)) {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    ([(header::CONTENT_TYPE, OPENMETRICS)], metrics.text()).into_response()
}
