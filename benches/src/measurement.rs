#[derive(Clone, Copy, Debug)]
pub(crate) struct Measurement {
    /// Responses, transactions or guests per second.
    pub(crate) rate: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Processor time of the server for each of them; 0 if it is not known.
    pub(crate) cpu_ms: f64,
}

impl Measurement {
    /// Computes the percentiles of latencies in milliseconds. Without latencies they are 0.
    pub(crate) fn from_latencies(rate: f64, mut latencies_ms: Vec<f64>, cpu_ms: f64) -> Self {
        latencies_ms.sort_by(f64::total_cmp);
        let percentile = |percent| latencies_ms.get(latencies_ms.len() * percent / 100).copied().unwrap_or_default();
        Self { rate, p50_ms: percentile(50), p99_ms: percentile(99), cpu_ms }
    }
}

/// The median of each number over several rounds.
pub(crate) fn median(rounds: &[Measurement]) -> Measurement {
    let median_of = |number: fn(&Measurement) -> f64| {
        let mut numbers: Vec<_> = rounds.iter().map(number).collect();
        numbers.sort_by(f64::total_cmp);
        numbers[numbers.len() / 2]
    };
    Measurement {
        rate: median_of(|round| round.rate),
        p50_ms: median_of(|round| round.p50_ms),
        p99_ms: median_of(|round| round.p99_ms),
        cpu_ms: median_of(|round| round.cpu_ms),
    }
}
