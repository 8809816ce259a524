//! The metrics endpoint, on its own port.

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::host::{Host, is_addressed};
use crate::Metrics;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

impl Metrics {
    /// The route `/metrics`, for requests that address one of these hosts; `None`: any host.
    pub fn router(self, hosts: Option<Vec<Host>>) -> Router {
        Router::new().route("/metrics", get(serve)).with_state((self, hosts))
    }
}

async fn serve(State((metrics, hosts)): State<(Metrics, Option<Vec<Host>>)>, request: Request) -> Response {
    // Protects against DNS rebinding, as `ingress::ensure_known_host` does.
    if hosts.is_some_and(|hosts| !is_addressed(&hosts, &request)) {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    ([(header::CONTENT_TYPE, OPENMETRICS)], metrics.text()).into_response()
}
