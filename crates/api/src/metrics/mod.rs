//! What the server counts and measures of itself, for Prometheus. No label has a value that a client made up: their number
//! is known beforehand, and nothing that somebody entered can stand in one.

mod operations;
mod permits;
mod problem;
mod process;

use std::sync::Arc;

use persistence::Store;
use prometheus_client::{encoding::text, metrics::info::Info, registry::Registry};

pub(crate) use operations::{Operations, Subscribed};
pub(crate) use permits::Permits;
pub(crate) use problem::met;

use process::Process;

/// The label of operations that never came as far as the graph.
pub(crate) const BEFORE_THE_GRAPH: &str = "none";

/// All that a server counts and measures.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Counted>);

struct Counted {
    registry: Registry,
    operations: Operations,
    store: Arc<Store>,
    process: Process,
    /// What is lent to clients, each with the gauge of how much of it is.
    lent: [Permits; 2],
}

impl std::fmt::Debug for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.registry.fmt(f)
    }
}

impl Metrics {
    pub(crate) fn new(store: Arc<Store>, operations: &Operations, subscriptions: Permits, sockets: Permits) -> Self {
        let mut registry = Registry::default();
        let process = Process::default();
        process.register(registry.sub_registry_with_prefix("process"));
        let ours = registry.sub_registry_with_prefix("atelier");
        ours.register("build", "The server that runs", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        operations.register(ours);
        subscriptions.register(ours, "subscriptions", "Subscriptions that run");
        sockets.register(ours, "websockets", "WebSockets that are open");
        store.register_metrics(ours);
        Self(Arc::new(Counted {
            registry,
            operations: operations.clone(),
            store,
            process,
            lent: [subscriptions, sockets],
        }))
    }

    pub(crate) fn operations(&self) -> &Operations {
        &self.0.operations
    }

    /// All of it as it stands now, in the text format of OpenMetrics.
    pub fn text(&self) -> String {
        let Counted { registry, store, process, lent, .. } = &*self.0;
        store.record_gauges();
        process.see();
        lent.iter().for_each(Permits::see);
        let mut text = String::new();
        // Writing to a text does not fail.
        let _ = text::encode(&mut text, registry);
        text
    }
}
