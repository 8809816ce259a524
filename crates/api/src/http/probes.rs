use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::App;

/// The longest a database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// 200 as long as the process answers.
pub(super) async fn health() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// 200 when requests can be answered; 503 while the database is out of reach, and from the moment the server is to stop.
pub(super) async fn ready(State(app): State<App>) -> Response {
    if app.is_leaving() {
        return not_ready("the server is stopping");
    }
    match tokio::time::timeout(PATIENCE, app.graph.store().ping()).await {
        Ok(Ok(())) => Json(json!({ "status": "ready" })).into_response(),
        Ok(Err(error)) => {
            tracing::warn!(?error, "not ready");
            not_ready("the database does not answer")
        }
        Err(_) => not_ready("the database does not answer in time"),
    }
}

fn not_ready(reason: &str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "not ready", "reason": reason }))).into_response()
}
