use std::time::Duration;

/// Measured latencies.
#[derive(Debug)]
pub(crate) struct Latencies {
    /// From the shortest to the longest.
    sorted: Vec<Duration>,
}

impl Latencies {
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        self.sorted[(self.sorted.len() - 1) * percent / 100]
    }
}

impl FromIterator<Duration> for Latencies {
    fn from_iter<T: IntoIterator<Item = Duration>>(latencies: T) -> Self {
        let mut sorted: Vec<_> = latencies.into_iter().collect();
        sorted.sort();
        Self { sorted }
    }
}
