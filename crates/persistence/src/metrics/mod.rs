//! What the store counts and measures of itself. It does not know to whom that is told.

mod commands;
mod feed;
mod lanes;
mod pools;
mod statements;

use prometheus_client::registry::Registry;

pub(crate) use commands::{Commands, Ending};
pub(crate) use feed::FeedMetrics;
pub(crate) use lanes::LaneMetrics;
pub(crate) use statements::Statements;

use crate::Store;
use pools::Pools;

/// The upper bounds of buckets for what takes time, in seconds.
pub const SECONDS: [f64; 17] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Labels with the values that they have.
type Labels<const N: usize> = [(&'static str, &'static str); N];

/// All of a store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) statements: Statements,
    pub(crate) commands: Commands,
    pub(crate) lanes: LaneMetrics,
    pub(crate) feed: FeedMetrics,
    pools: Pools,
}

impl Store {
    /// Enters all that the store counts and measures.
    pub fn register_metrics(&self, registry: &mut Registry) {
        let Self { metrics, .. } = self;
        metrics.statements.register(registry);
        metrics.commands.register(registry);
        metrics.lanes.register(registry);
        metrics.feed.register(registry);
        metrics.pools.register(registry);
    }

    /// Looks at what is not counted as it happens, because how it stands can be seen at any time.
    pub fn take_measures(&self) {
        self.metrics.lanes.see(&self.lanes.waiting());
        self.metrics.feed.see();
        self.metrics.pools.see(&self.read, &self.write);
    }
}
