use std::time::Duration;

use prometheus_client::{
    metrics::{family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};

use super::Labels;

/// The upper bounds of the buckets, in seconds.
pub(super) const SECONDS: [f64; 17] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Histograms of durations, by the value of one label.
#[derive(Clone, Debug)]
pub struct Durations {
    label: &'static str,
    durations: Family<Labels<1>, Histogram, fn() -> Histogram>,
}

impl Durations {
    /// Durations by the label with this name.
    pub fn by(label: &'static str) -> Self {
        Self { label, durations: Family::new_with_constructor(|| Histogram::new(SECONDS)) }
    }

    /// Registers the histograms. The registry appends the unit to the name.
    pub fn register(&self, registry: &mut Registry, name: &str, help: &str) {
        registry.register_with_unit(name, help, Unit::Seconds, self.durations.clone());
    }

    /// Records a duration for a value of the label.
    pub fn record(&self, value: &'static str, elapsed: Duration) {
        self.durations.get_or_create(&[(self.label, value)]).observe(elapsed.as_secs_f64());
    }
}
