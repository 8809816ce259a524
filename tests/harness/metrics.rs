use crate::{TestApp, in_time};

impl TestApp {
    /// The value of a sample of the server's metrics, with its labels as they are written; 0 when it is missing.
    pub fn metric(&self, sample: &str) -> f64 {
        let text = self.metrics.text();
        let value = text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
        value.map_or(0.0, |value| value.parse().unwrap())
    }

    /// Waits until a sample satisfies a condition.
    pub async fn wait_for_metric(&self, sample: &str, condition: impl Fn(f64) -> bool) {
        in_time(async {
            while !condition(self.metric(sample)) {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}
