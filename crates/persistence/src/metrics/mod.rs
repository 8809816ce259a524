//! What the store counts and measures of itself. It does not know to whom that is told.

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

/// Labels with the values that they have.
pub type Labels<const N: usize> = [(&'static str, &'static str); N];

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
        self.metrics.pools.see(&self.read, &self.write, &self.lanes.db);
    }
}
