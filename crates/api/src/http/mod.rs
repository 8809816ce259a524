//! The way in: one router for the graph, the playground and the probes.

mod address;
mod body;
mod caller;
mod documents;
mod events;
mod graphql;
mod limits;
mod negotiation;
mod origin;
mod patient;
mod playground;
mod probes;
mod refusal;
mod request;
mod request_id;
mod share;
mod websocket;

use std::{any::Any, sync::Arc};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use domain::access::Access;
use persistence::Store;
use tokio::sync::{Semaphore, mpsc, watch};
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};

pub use address::Peer;
pub use limits::Limits;
pub use patient::{PatientListener, PatientStream};
pub use playground::{Playground, Tab};

use crate::{
    fair_use::{Buckets, Ticks},
    graphql::Graph,
};
use documents::Documents;

/// What the handlers share.
#[derive(Clone)]
pub struct App {
    graph: Graph,
    /// What somebody may who does not say who they are.
    stranger: Access,
    /// Documents that clients ask for by their hash.
    documents: Arc<Documents>,
    playground: Arc<Playground>,
    limits: Limits,
    /// Out of which operations are paid, if anybody counts.
    buckets: Option<Arc<Buckets>>,
    /// One for each WebSocket that may be open.
    sockets: Arc<Semaphore>,
    /// Turns true when the server is about to stop.
    stopping: watch::Receiver<bool>,
    /// Held by whoever still works for a client, so that the server can wait for them.
    _held: mpsc::Sender<()>,
}

/// What stops an [`App`], and waits until it has stopped.
pub struct Stop {
    stopping: watch::Sender<bool>,
    held: mpsc::Receiver<()>,
}

impl App {
    /// An app over a store; who does not say who they are has the access of a `stranger`.
    pub fn new(store: Arc<Store>, stranger: Access, playground: Playground) -> (Self, Stop) {
        Self::limited(store, stranger, playground, Limits::default())
    }

    /// The same, with limits of its own.
    pub fn limited(store: Arc<Store>, stranger: Access, playground: Playground, limits: Limits) -> (Self, Stop) {
        Self::timed(store, stranger, playground, limits, Ticks::system())
    }

    /// The same, by a clock of its own for what callers get back with time.
    pub fn timed(
        store: Arc<Store>,
        stranger: Access,
        playground: Playground,
        limits: Limits,
        ticks: Ticks,
    ) -> (Self, Stop) {
        let (stop, stopping) = watch::channel(false);
        let (holder, held) = mpsc::channel(1);
        let app = Self {
            graph: Graph::new(store, &limits),
            stranger,
            documents: Arc::default(),
            playground: Arc::new(playground),
            limits,
            buckets: Buckets::new(limits.fair_use, ticks).map(Arc::new),
            sockets: Arc::new(Semaphore::new(limits.sockets.min(Semaphore::MAX_PERMITS))),
            stopping,
            _held: holder,
        };
        (app, Stop { stopping: stop, held })
    }

    /// Resolves when the server is to stop.
    pub fn stopping(&self) -> impl Future<Output = ()> + use<> {
        let mut stopping = self.stopping.clone();
        async move {
            // An error means that nobody is left who could say so; then it is time, too.
            let _ = stopping.wait_for(|stopping| *stopping).await;
        }
    }

    /// The routes. They take the app with them: [`Stop::finish`] waits until they are dropped.
    pub fn router(self) -> Router {
        let nosniff = HeaderValue::from_static("nosniff");
        let referrer = HeaderValue::from_static("no-referrer");
        let layers = ServiceBuilder::new()
            .layer(middleware::from_fn(request_id::identify))
            .layer(SetResponseHeaderLayer::if_not_present(header::X_CONTENT_TYPE_OPTIONS, nosniff))
            .layer(SetResponseHeaderLayer::if_not_present(header::REFERRER_POLICY, referrer))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(middleware::from_fn_with_state(self.clone(), address::tell))
            .layer(DefaultBodyLimit::max(self.limits.body));
        Router::new()
            .route("/", get(playground::page))
            .route("/playground/assets/{name}", get(playground::asset))
            .route("/graphql", get(graphql::get).post(graphql::post))
            .route("/graphql/ws", get(websocket::upgrade))
            .route("/health", get(probes::health))
            .route("/ready", get(probes::ready))
            .layer(layers)
            .with_state(self)
    }
}

impl Stop {
    /// Says that the server is about to stop: it is no longer ready, and what it tells live has an end.
    pub fn begin(&self) {
        self.stopping.send_replace(true);
    }

    /// Waits until nobody works for a client any more, on a WebSocket either.
    pub async fn finish(mut self) {
        // Nothing is ever sent: what is waited for is that all senders are gone.
        while self.held.recv().await.is_some() {}
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what a panic handler is given")]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
    tracing::error!(panic = said.unwrap_or("without a word"), "a handler panicked");
    refusal::Refusal::fault().into_response()
}
