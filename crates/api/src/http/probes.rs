//! Health and readiness.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::app::App;

const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// 200 as long as the process responds.
pub(super) async fn health() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// 200 if the server can process requests; 503 if the database is unreachable or the shutdown has begun.
pub(super) async fn ready(State(app): State<App>) -> Response {
    if app.shutdown.has_begun() {
        return not_ready("the server is stopping");
    }
    let store = app.graph.store();
    let (logged, reason) = match tokio::time::timeout(PING_TIMEOUT, store.ping()).await {
        Ok(Ok(())) => {
            app.readiness.regain(store.url());
            return Json(json!({ "status": "ready" })).into_response();
        }
        Ok(Err(fault)) => (fault.operator_message(), "the database does not respond"),
        Err(_) => (format!("no response within {} s", PING_TIMEOUT.as_secs()), "the database does not respond in time"),
    };
    app.readiness.lose(store.url(), &logged);
    not_ready(reason)
}

fn not_ready(reason: &str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "not ready", "reason": reason }))).into_response()
}
