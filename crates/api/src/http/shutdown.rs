//! The graceful shutdown: the server first reports that it is not ready and continues to serve, then it stops.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};
use tokio::sync::{mpsc, watch};

/// The progress of the shutdown.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum ShutdownPhase {
    Serving,
    /// The server reports that it is not ready, and continues to serve.
    NotReady,
    /// The server finishes the requests in progress and accepts no new ones.
    Stopping,
}

/// Stops an [`super::App`] and waits for it.
pub struct Shutdown {
    phase: watch::Sender<ShutdownPhase>,
    finished: mpsc::Receiver<()>,
}

/// Observes the shutdown. The server waits until all signals are dropped.
#[derive(Clone)]
pub(super) struct ShutdownSignal {
    phase: watch::Receiver<ShutdownPhase>,
    _running: mpsc::Sender<()>,
}

/// A shutdown and the signal that observes it.
pub(super) fn channel() -> (Shutdown, ShutdownSignal) {
    let (phase, observed_phase) = watch::channel(ShutdownPhase::Serving);
    let (running, finished) = mpsc::channel(1);
    (Shutdown { phase, finished }, ShutdownSignal { phase: observed_phase, _running: running })
}

impl Shutdown {
    /// Reports that the server is not ready. The server continues to serve until [`Shutdown::stop`] and closes each
    /// connection after its next response, so that clients reconnect to another server.
    pub fn mark_not_ready(&self) {
        self.phase.send_replace(ShutdownPhase::NotReady);
    }

    /// Stops the server: subscriptions end and new operations are rejected.
    pub fn stop(&self) {
        self.phase.send_replace(ShutdownPhase::Stopping);
    }

    /// Waits until all requests and WebSockets have finished.
    pub async fn finish(mut self) {
        // Nothing is sent: the channel closes when all senders are dropped.
        while self.finished.recv().await.is_some() {}
    }
}

/// Observes the shutdown without delaying it.
#[derive(Clone)]
pub(super) struct ShutdownProgress(watch::Receiver<ShutdownPhase>);

impl ShutdownProgress {
    /// Whether the shutdown has begun.
    pub(super) fn has_begun(&self) -> bool {
        *self.0.borrow() >= ShutdownPhase::NotReady
    }
}

impl ShutdownSignal {
    /// A signal that the server does not wait for.
    pub(super) fn progress(&self) -> ShutdownProgress {
        ShutdownProgress(self.phase.clone())
    }

    /// Resolves when the server must stop.
    pub(super) fn stopping(&self) -> impl Future<Output = ()> + use<> {
        let mut phase = self.phase.clone();
        async move {
            // An error means that the `Shutdown` was dropped, which also stops the server.
            let _ = phase.wait_for(|phase| *phase == ShutdownPhase::Stopping).await;
        }
    }
}

/// Closes each connection after its next response once the shutdown has begun. A client that reuses an idle connection
/// could otherwise send a request at the moment in which the server closes it.
pub(super) async fn close_connection(
    State(shutdown): State<ShutdownProgress>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    if shutdown.has_begun() {
        response.headers_mut().entry(header::CONNECTION).or_insert(HeaderValue::from_static("close"));
    }
    response
}
