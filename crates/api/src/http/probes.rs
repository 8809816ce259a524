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

use super::{readiness::Readiness, shutdown::ShutdownProgress};

const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// What the probes observe.
#[derive(Clone)]
pub(super) struct Probes {
    store: Arc<Store>,
    readiness: Arc<Readiness>,
    shutdown: ShutdownProgress,
}

impl Probes {
    pub(super) fn new(store: Arc<Store>, readiness: Arc<Readiness>, shutdown: ShutdownProgress) -> Self {
        Self { store, readiness, shutdown }
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
    let Probes { store, readiness, .. } = &probes;
    let (logged, reason) = match tokio::time::timeout(PING_TIMEOUT, store.ping()).await {
        Ok(Ok(())) => {
            readiness.regain(store.url());
            return Json(json!({ "status": "ready" })).into_response();
        }
        Ok(Err(fault)) => (fault.operator_message(), "the database does not respond"),
        Err(_) => (format!("no response within {} s", PING_TIMEOUT.as_secs()), "the database does not respond in time"),
    };
    readiness.lose(store.url(), &logged);
    not_ready(reason)
}

fn not_ready(reason: &str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "not ready", "reason": reason }))).into_response()
}
