//! The metrics of the store. The API decides who can read them.

mod commands;
mod durations;
mod feed;
mod lanes;
mod pools;
mod statements;

use prometheus_client::registry::Registry;

pub(crate) use commands::{CommandOutcome, Commands};
pub use durations::Durations;
use durations::SECONDS;
pub(crate) use feed::FeedMetrics;
pub(crate) use lanes::LaneMetrics;
pub(crate) use statements::Statements;

use crate::Store;
use pools::Pools;

/// Labels with their values.
pub type Labels<const N: usize> = [(&'static str, &'static str); N];

/// All metrics of a store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) statements: Statements,
    pub(crate) commands: Commands,
    pub(crate) lanes: LaneMetrics,
    pub(crate) feed: FeedMetrics,
    pools: Pools,
}

impl Store {
    /// Registers all metrics of the store.
    pub fn register_metrics(&self, registry: &mut Registry) {
        let Self { metrics, .. } = self;
        metrics.statements.register(registry);
        metrics.commands.register(registry);
        metrics.lanes.register(registry);
        metrics.feed.register(registry);
        metrics.pools.register(registry);
    }

    /// Records the gauges: the state at this moment, which is not counted as it happens.
    pub fn record_gauges(&self) {
        self.metrics.lanes.record_gauges(&self.lanes.queue_depths());
        self.metrics.feed.record_gauges();
        self.metrics.pools.record_gauges(&self.read, &self.write, &self.lanes.db, &self.waiting.pool);
    }
}
