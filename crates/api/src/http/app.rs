use std::sync::Arc;

use axum::Router;
use persistence::Store;

use super::{
    connections::Connections,
    host::Host,
    ingress::IngressPolicy,
    limits::Limits,
    origin_log::OriginLog,
    persisted_documents::PersistedDocuments,
    playground::Playground,
    probes::Probes,
    readiness::Readiness,
    shutdown::{self, Shutdown, ShutdownSignal},
};
use crate::{
    authentication::Authentication,
    graphql::Graph,
    metrics::Metrics,
    permit_pool::PermitPool,
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
    /// One permit for each byte of a body that arrives in several parts.
    pub(super) body_memory: PermitPool,
    pub(super) connections: Connections,
    metrics: Metrics,
    readiness: Arc<Readiness>,
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
        let websockets = PermitPool::new("open WebSockets", limits.max_websockets, limits.websockets_per_caller);
        let (bodies, of_caller) = (limits.body_memory(), limits.body_memory_per_caller());
        let body_memory = PermitPool::new("bytes of request bodies", bodies, of_caller);
        let connections = Connections::new(&limits);
        let pools = [graph.subscriptions.clone(), websockets.clone()];
        let metrics = Metrics::new(store, &graph.operations, pools, connections.clone());
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
            body_memory,
            connections,
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

    /// The connections of the clients.
    pub fn connections(&self) -> Connections {
        self.connections.clone()
    }

    /// The routes for operators: metrics and probes, for requests that address one of these hosts; `None`: any host.
    pub fn operator_router(&self, hosts: Option<Vec<Host>>) -> Router {
        self.metrics().router(hosts).merge(self.probes().router())
    }

    /// Health and readiness.
    pub(super) fn probes(&self) -> Probes {
        Probes::new(self.graph.store().clone(), self.readiness.clone(), self.shutdown.progress())
    }

    /// Resolves when the server must stop.
    pub fn stopping(&self) -> impl Future<Output = ()> + use<> {
        self.shutdown.stopping()
    }
}
