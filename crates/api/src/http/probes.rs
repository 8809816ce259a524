//! Health and readiness.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use persistence::Store;
use serde_json::json;

use super::shutdown::ShutdownProgress;

const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// What the probes observe.
#[derive(Clone)]
pub(super) struct Probes {
    store: Arc<Store>,
    shutdown: ShutdownProgress,
}

impl Probes {
    pub(super) fn new(store: Arc<Store>, shutdown: ShutdownProgress) -> Self {
        Self { store, shutdown }
    }

    /// The routes `/health` and `/ready`.
    pub(super) fn router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        Router::new().route("/health", get(health)).route("/ready", get(ready)).with_state(self)
    }
}

/// 200 as long as the process responds.
async fn health() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// 200 if the server can process requests; 503 if the database is unreachable or the shutdown has begun.
async fn ready(State(probes): State<Probes>) -> Response {
    if probes.shutdown.has_begun() {
        return not_ready("the server is stopping");
    }
    match tokio::time::timeout(PING_TIMEOUT, probes.store.ping()).await {
        Ok(Ok(())) => Json(json!({ "status": "ready" })).into_response(),
        Ok(Err(error)) => {
            tracing::warn!(?error, "not ready: the database does not respond");
            not_ready("the database does not respond")
        }
        Err(_) => not_ready("the database does not respond in time"),
    }
}

fn not_ready(reason: &str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "not ready", "reason": reason }))).into_response()
}
