//! The way in: one router for the graph, the documented call, the playground and the probes.

mod address;
mod body;
mod caller;
mod embedded;
mod error;
mod events;
mod fallback;
mod graphql;
mod host;
mod ingress;
mod json;
mod limits;
mod metrics;
mod negotiation;
mod origin;
mod persisted_documents;
mod playground;
mod probes;
mod rate_limit_headers;
mod request;
mod request_id;
mod shutdown;
mod timeout_listener;
mod trusted;
mod v1;
mod websocket;

use std::{any::Any, sync::Arc};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, Method, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use persistence::Store;
use tokio::sync::{mpsc, watch};
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};

pub use address::Peer;
pub use host::{Host, HostInvalid};
pub use ingress::IngressPolicy;
pub use limits::Limits;
pub use origin::{Origin, OriginInvalid};
pub use playground::{Playground, Tab};
pub use shutdown::Stop;
pub use timeout_listener::{TimeoutListener, TimeoutStream};
pub use trusted::{TrustedDocuments, TrustedDocumentsInvalid};
pub use v1::openapi;

use crate::{
    authentication::Authentication,
    graphql::Graph,
    metrics::{Metrics, Permits},
    rate_limit::{Buckets, Ticks},
};
use persisted_documents::Documents;
use shutdown::Phase;

/// What the handlers share.
#[derive(Clone)]
pub struct App {
    graph: Graph,
    authentication: Authentication,
    /// Documents that clients ask for by their hash.
    documents: Arc<Documents>,
    playground: Arc<Playground>,
    edge: Arc<IngressPolicy>,
    limits: Limits,
    /// Out of which operations are paid, if anybody counts.
    buckets: Option<Arc<Buckets>>,
    /// One for each WebSocket that may be open.
    sockets: Permits,
    metrics: Metrics,
    /// How far the server is with stopping.
    phase: watch::Receiver<Phase>,
    /// Held by whoever still works for a client, so that the server can wait for them.
    _held: mpsc::Sender<()>,
}

impl App {
    /// An app over a store. Who does not say who they are has the access that is given in the place of `authentication`.
    pub fn new(store: Arc<Store>, authentication: impl Into<Authentication>, playground: Playground) -> (Self, Stop) {
        Self::limited(store, authentication, playground, Limits::default())
    }

    /// The same, with limits of its own.
    pub fn limited(
        store: Arc<Store>,
        authentication: impl Into<Authentication>,
        playground: Playground,
        limits: Limits,
    ) -> (Self, Stop) {
        Self::timed(store, authentication, playground, limits, Ticks::system())
    }

    /// The same, by a clock of its own for what callers get back with time.
    pub fn timed(
        store: Arc<Store>,
        authentication: impl Into<Authentication>,
        playground: Playground,
        limits: Limits,
        ticks: Ticks,
    ) -> (Self, Stop) {
        let (stop, phase) = watch::channel(Phase::Serving);
        let (holder, held) = mpsc::channel(1);
        let graph = Graph::new(store.clone(), &limits);
        let sockets = Permits::new(limits.max_websockets);
        let metrics = Metrics::new(store, &graph.operations, graph.subscriptions.clone(), sockets.clone());
        let app = Self {
            graph,
            authentication: authentication.into(),
            documents: Arc::default(),
            playground: Arc::new(playground),
            edge: Arc::default(),
            limits,
            buckets: Buckets::new(limits.rate, ticks).map(Arc::new),
            sockets,
            metrics,
            phase,
            _held: holder,
        };
        (app, Stop { phase: stop, held })
    }

    /// The same, behind another edge.
    #[must_use]
    pub fn behind(mut self, edge: IngressPolicy) -> Self {
        self.documents = Arc::new(Documents::of(edge.trusted_documents.clone()));
        self.graph.set_introspection(!edge.no_introspection);
        self.edge = Arc::new(edge);
        self
    }

    /// What the server counts and measures of itself.
    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }

    /// The routes. They take the app with them: [`Stop::finish`] waits until they are dropped.
    pub fn router(self) -> Router {
        let layers = ServiceBuilder::new()
            .layer(middleware::from_fn_with_state(self.clone(), request_id::identify))
            .layer(middleware::from_fn_with_state(self.clone(), shutdown::part))
            .layer(unless_said(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .layer(unless_said(header::REFERRER_POLICY, "no-referrer"))
            .layer(unless_said(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
            // The playground and the docs have policies of their own; nothing else is a page.
            .layer(unless_said(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"))
            .layer(unless_said(header::CACHE_CONTROL, "no-store"))
            .layer(middleware::from_fn(v1::wrap))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(middleware::from_fn_with_state(self.clone(), host::ensure_known))
            .layer(middleware::from_fn_with_state(self.clone(), address::tell))
            .layer(DefaultBodyLimit::max(self.limits.body));
        let vary = HeaderValue::from_static("accept, origin, authorization");
        let graph = Router::new()
            .route("/graphql", get(graphql::get).post(graphql::post).options(graphql::options))
            .route("/graphql/ws", get(websocket::upgrade));
        let graph = self.for_pages(graph, [Method::GET, Method::POST], None);
        let calls = [Method::GET, Method::POST, Method::PUT];
        let calls = self.for_pages(v1::calls(), calls, Some(v1::IDEMPOTENCY_KEY));
        Router::new()
            .route("/", get(playground::page))
            .route("/playground/assets/{name}", get(playground::asset))
            .route("/health", get(probes::health))
            .route("/ready", get(probes::ready))
            .merge(v1::pages())
            .method_not_allowed_fallback(fallback::method)
            .fallback(fallback::path)
            .merge(graph.merge(calls).layer(SetResponseHeaderLayer::overriding(header::VARY, vary)))
            .layer(layers)
            .with_state(self)
    }

    /// Routes that pages of the origins that are let in may call by these methods, with this header among others.
    fn for_pages<const N: usize>(
        &self,
        routes: Router<Self>,
        methods: [Method; N],
        header: Option<HeaderName>,
    ) -> Router<Self> {
        let routes = routes
            .method_not_allowed_fallback(fallback::method)
            .layer(middleware::from_fn_with_state(self.clone(), origin::ensure_welcome));
        // Without an origin that is let in, browsers are told nothing, which is a no.
        let origins = &self.edge.origins;
        if origins.is_empty() { routes } else { routes.layer(origin::cors(origins, methods, header)) }
    }
}

/// A header of every answer that does not say it otherwise.
fn unless_said(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// What was said of the panic is in the log already, as far as it may be.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    error::Refusal::fault().into_response()
}
