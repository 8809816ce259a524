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

/// The queues and batches of the lanes.
#[derive(Clone, Debug)]
pub(crate) struct LaneMetrics {
    queue_depth: Family<[(&'static str, String); 1], Gauge>,
    batch_sizes: Histogram,
    batch_durations: Histogram,
    failed_batches: Counter,
}

impl Default for LaneMetrics {
    fn default() -> Self {
        Self {
            queue_depth: Family::default(),
            batch_sizes: Histogram::new(exponential_buckets(1.0, 2.0, 13)),
            batch_durations: Histogram::new(SECONDS),
            failed_batches: Counter::default(),
        }
    }
}

impl LaneMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("lane_queue_depth", "Commands in the queue of a lane", self.queue_depth.clone());
        registry.register("batch_commands", "Commands in one transaction of a lane", self.batch_sizes.clone());
        let help = "Duration of a transaction of a lane, from its begin to the commit";
        registry.register_with_unit("batch_duration", help, Unit::Seconds, self.batch_durations.clone());
        let help = "Transactions of lanes that were not committed";
        registry.register("batches_failed", help, self.failed_batches.clone());
    }

    /// Records the attempt of a lane to commit a batch.
    pub(crate) fn record_batch(&self, commands: usize, elapsed: Duration, failed: bool) {
        #[expect(clippy::cast_precision_loss, reason = "a batch has thousands at most")]
        self.batch_sizes.observe(commands as f64);
        self.batch_durations.observe(elapsed.as_secs_f64());
        if failed {
            self.failed_batches.inc();
        }
    }

    pub(super) fn record_gauges(&self, queue_depths: &[usize]) {
        for (lane, depth) in queue_depths.iter().enumerate() {
            let depth = i64::try_from(*depth).unwrap_or(i64::MAX);
            self.queue_depth.get_or_create(&[("lane", lane.to_string())]).set(depth);
        }
    }
}
