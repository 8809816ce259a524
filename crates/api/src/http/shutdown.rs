//! How a server goes: it says that it is not ready, while it still answers all who have not heard of it; then it stops.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};
use tokio::sync::{mpsc, watch};

use super::App;

/// How far a server is with stopping.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Phase {
    /// It is not.
    Serving,
    /// It is not ready any more, and answers all the same.
    Leaving,
    /// What has begun is finished, and nothing new is taken.
    Stopping,
}

/// What stops an [`App`], and waits until it has stopped.
pub struct Stop {
    pub(super) phase: watch::Sender<Phase>,
    pub(super) held: mpsc::Receiver<()>,
}

impl Stop {
    /// Says that the server is not ready any more. It goes on until [`Stop::begin`]; clients are asked to connect again,
    /// which takes them elsewhere.
    pub fn leave(&self) {
        self.phase.send_replace(Phase::Leaving);
    }

    /// Says that the server is about to stop: what it tells live has an end.
    pub fn begin(&self) {
        self.phase.send_replace(Phase::Stopping);
    }

    /// Waits until nobody works for a client any more, on a WebSocket either.
    pub async fn finish(mut self) {
        // Nothing is ever sent: what is waited for is that all senders are gone.
        while self.held.recv().await.is_some() {}
    }
}

impl App {
    pub(super) fn is_leaving(&self) -> bool {
        *self.phase.borrow() >= Phase::Leaving
    }

    /// Resolves when the server is to stop.
    pub fn stopping(&self) -> impl Future<Output = ()> + use<> {
        let mut phase = self.phase.clone();
        async move {
            // An error means that nobody is left who could say so; then it is time, too.
            let _ = phase.wait_for(|phase| *phase == Phase::Stopping).await;
        }
    }
}

/// Has each connection end with its next answer once the server is leaving: a kept one would stay with it to the end, and
/// might be used in the moment in which it is closed.
pub(super) async fn part(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if app.is_leaving() {
        response.headers_mut().entry(header::CONNECTION).or_insert(HeaderValue::from_static("close"));
    }
    response
}
