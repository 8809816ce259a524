use std::time::Duration;

use prometheus_client::{
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

use super::SECONDS;

/// What goes through the lanes.
#[derive(Clone, Debug)]
pub(crate) struct LaneMetrics {
    waiting: Family<[(&'static str, String); 1], Gauge>,
    sizes: Histogram,
    durations: Histogram,
    failed: Counter,
}

impl Default for LaneMetrics {
    fn default() -> Self {
        Self {
            waiting: Family::default(),
            sizes: Histogram::new(exponential_buckets(1.0, 2.0, 13)),
            durations: Histogram::new(SECONDS),
            failed: Counter::default(),
        }
    }
}

impl LaneMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("lane_queue_depth", "Commands that wait in a lane", self.waiting.clone());
        registry.register("batch_commands", "Commands that one transaction settled", self.sizes.clone());
        let help = "How long a transaction of a lane took, from its beginning to the commit";
        registry.register_with_unit("batch_duration", help, Unit::Seconds, self.durations.clone());
        registry.register("batches_failed", "Transactions of lanes that were not committed", self.failed.clone());
    }

    /// A lane has tried to commit a batch.
    pub(crate) fn note_batch(&self, commands: usize, elapsed: Duration, failed: bool) {
        #[expect(clippy::cast_precision_loss, reason = "a batch has thousands at most")]
        self.sizes.observe(commands as f64);
        self.durations.observe(elapsed.as_secs_f64());
        if failed {
            self.failed.inc();
        }
    }

    pub(super) fn see(&self, waiting: &[usize]) {
        for (lane, waiting) in waiting.iter().enumerate() {
            let waiting = i64::try_from(*waiting).unwrap_or(i64::MAX);
            self.waiting.get_or_create(&[("lane", lane.to_string())]).set(waiting);
        }
    }
}
