use std::sync::Arc;

use persistence::Store;

use super::{
    ingress::IngressPolicy,
    limits::Limits,
    origin_log::OriginLog,
    persisted_documents::PersistedDocuments,
    playground::Playground,
    readiness::Readiness,
    shutdown::{self, Shutdown, ShutdownSignal},
};
use crate::{
    authentication::Authentication,
    graphql::Graph,
    metrics::{Metrics, PermitPool},
    rate_limit::{Buckets, MonotonicClock},
};

/// The state that the handlers share.
#[derive(Clone)]
pub struct App {
    pub(super) graph: Graph,
    pub(super) authentication: Authentication,
    pub(super) documents: Arc<PersistedDocuments>,
    pub(super) playground: Arc<Playground>,
    pub(super) ingress: Arc<IngressPolicy>,
    pub(super) origin_log: Arc<OriginLog>,
    pub(super) limits: Limits,
    /// The token buckets of all callers; `None`: rate limiting is off.
    pub(super) buckets: Option<Arc<Buckets>>,
    /// One permit for each open WebSocket.
    pub(super) websockets: PermitPool,
    metrics: Metrics,
    pub(super) readiness: Arc<Readiness>,
    pub(super) shutdown: ShutdownSignal,
}

impl App {
    /// An app over a store, with the default limits. An [`domain::access::Access`] as `authentication` is the access of
    /// requests without a credential.
    pub fn new(
        store: Arc<Store>,
        authentication: impl Into<Authentication>,
        playground: Playground,
    ) -> (Self, Shutdown) {
        Self::with_limits(store, authentication, playground, Limits::default())
    }

    /// An app with these limits.
    pub fn with_limits(
        store: Arc<Store>,
        authentication: impl Into<Authentication>,
        playground: Playground,
        limits: Limits,
    ) -> (Self, Shutdown) {
        Self::with_clock(store, authentication, playground, limits, MonotonicClock::system())
    }

    /// An app whose rate limits follow this clock.
    pub fn with_clock(
        store: Arc<Store>,
        authentication: impl Into<Authentication>,
        playground: Playground,
        limits: Limits,
        clock: MonotonicClock,
    ) -> (Self, Shutdown) {
        let (shutdown, signal) = shutdown::channel();
        let graph = Graph::new(store.clone(), &limits);
        let websockets = PermitPool::new(limits.max_websockets);
        let metrics = Metrics::new(store, &graph.operations, graph.subscriptions.clone(), websockets.clone());
        let app = Self {
            graph,
            authentication: authentication.into(),
            documents: Arc::default(),
            playground: Arc::new(playground),
            ingress: Arc::default(),
            origin_log: Arc::default(),
            limits,
            buckets: Buckets::new(limits.rate, clock).map(Arc::new),
            websockets,
            metrics,
            readiness: Arc::default(),
            shutdown: signal,
        };
        (app, shutdown)
    }

    /// Sets the restrictions before authentication.
    #[must_use]
    pub fn with_ingress(mut self, ingress: IngressPolicy) -> Self {
        self.documents = Arc::new(PersistedDocuments::new(ingress.trusted_documents.clone()));
        self.graph.set_introspection(!ingress.no_introspection);
        self.ingress = Arc::new(ingress);
        self
    }

    /// The metrics of the server.
    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }

    /// Resolves when the server must stop.
    pub fn stopping(&self) -> impl Future<Output = ()> + use<> {
        self.shutdown.stopping()
    }
}
