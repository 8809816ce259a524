//! The metrics of the server, for Prometheus. No label value comes from a client, so the number of series is bounded and no
//! series contains personal data.

mod operations;
mod problem;
mod process;

use std::sync::Arc;

use persistence::Store;
use prometheus_client::{encoding::text, metrics::info::Info, registry::Registry};

pub(crate) use operations::{Measured, OperationLabel, OperationMetrics, SubscriptionMetrics};
pub(crate) use problem::record_problem;

use process::Process;

use crate::{Connections, permit_pool::PermitPool};

/// The operation label of requests that are rejected before the document is known.
pub(crate) const NO_OPERATION: &str = "none";

/// All metrics of a server.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    operations: OperationMetrics,
    store: Arc<Store>,
    process: Process,
    pools: [PermitPool; 2],
    connections: Connections,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.registry.fmt(f)
    }
}

impl Metrics {
    pub(crate) fn new(
        store: Arc<Store>,
        operations: &OperationMetrics,
        [subscriptions, websockets]: [PermitPool; 2],
        connections: Connections,
    ) -> Self {
        let mut registry = Registry::default();
        let process = Process::default();
        process.register(registry.sub_registry_with_prefix("process"));
        let ours = registry.sub_registry_with_prefix("atelier");
        ours.register("build", "Version of the server", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        operations.register(ours);
        subscriptions.register(ours, "subscriptions", "Running subscriptions");
        websockets.register(ours, "websockets", "Open WebSockets");
        connections.register(ours);
        store.register_metrics(ours);
        let pools = [subscriptions, websockets];
        Self(Arc::new(Inner { registry, operations: operations.clone(), store, process, pools, connections }))
    }

    pub(crate) fn operations(&self) -> &OperationMetrics {
        &self.0.operations
    }

    /// The current values in the OpenMetrics text format.
    pub fn text(&self) -> String {
        let Inner { registry, store, process, pools, connections, .. } = &*self.0;
        store.record_gauges();
        process.update();
        pools.iter().for_each(PermitPool::update);
        connections.update_metrics();
        let mut text = String::new();
        // Writing to a `String` does not fail.
        let _ = text::encode(&mut text, registry);
        text
    }
}
