use std::time::Duration;

/// The size of the load, and the limits that the server must meet under it.
pub(crate) struct Size {
    pub(crate) seconds: u32,
    /// Each guest can be registered once for each workshop.
    pub(crate) workshops: usize,
    /// The server's `--max-in-flight`.
    pub(crate) in_flight: u32,
    /// Connections of the load.
    pub(crate) connections: usize,
    /// The 95th percentile of the latency of `/health`.
    pub(crate) max_health_latency: Duration,
    /// The time until the server answers a query after the load.
    pub(crate) max_recovery: Duration,
}

impl Size {
    /// The full size for `ATELIER_OVERLOAD_SECONDS`, or a small one without the variable.
    pub(crate) fn from_environment() -> Self {
        let seconds = std::env::var("ATELIER_OVERLOAD_SECONDS").ok().map(|seconds| seconds.parse().unwrap());
        match seconds {
            // The limits allow for other work on the machine. They are as long as the timeout of a typical health check.
            None => Self {
                seconds: 3,
                workshops: 20,
                in_flight: 64,
                connections: 200,
                max_health_latency: Duration::from_secs(1),
                max_recovery: Duration::from_secs(3),
            },
            Some(seconds) => Self {
                seconds,
                workshops: 10 + 5 * seconds as usize,
                in_flight: 256,
                connections: 1_000,
                max_health_latency: Duration::from_millis(100),
                max_recovery: Duration::from_secs(1),
            },
        }
    }

    pub(crate) fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }

    /// The memory that the load may add to the server: the buffers of each connection, and what the allocator keeps for
    /// each thread. Memory that grows with the number of requests would exceed it by far.
    pub(crate) fn max_added_memory_kib(&self) -> u64 {
        32 * 1024 + 128 * u64::try_from(self.connections).unwrap()
    }
}
