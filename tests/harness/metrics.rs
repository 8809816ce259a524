use crate::{TestApp, in_time};

impl TestApp {
    /// The value of a sample of the server's metrics, with its labels as they are written; 0 when it is missing.
    pub fn metric(&self, sample: &str) -> f64 {
        self.sample(sample).map_or(0.0, |value| value.parse().unwrap())
    }

    /// The same for a sample whose value is a whole number.
    pub fn count(&self, sample: &str) -> u64 {
        self.sample(sample).map_or(0, |value| value.trim_end_matches(".0").parse().unwrap())
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

    /// Waits until a sample has this value.
    pub async fn wait_for_count(&self, sample: &str, count: u64) {
        in_time(async {
            while self.count(sample) != count {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    fn sample(&self, sample: &str) -> Option<String> {
        let text = self.metrics.text();
        text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' ')).map(str::to_owned)
    }
}
