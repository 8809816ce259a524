use std::time::Duration;

/// How much comes of a rush.
pub(crate) struct Size {
    pub(crate) seconds: u32,
    /// Workshops, to which each guest can be registered once.
    pub(crate) workshops: usize,
    /// How many the server works on at a time.
    pub(crate) in_flight: u32,
    /// Connections that the callers have at most.
    pub(crate) connections: usize,
    /// How soon `/health` has to be answered to 95 of 100 who ask meanwhile.
    pub(crate) healthy: Duration,
    /// How soon the next who asks is served when it is over.
    pub(crate) well: Duration,
}

impl Size {
    pub(crate) fn of_environment() -> Self {
        let seconds = std::env::var("ATELIER_OVERLOAD_SECONDS").ok().map(|seconds| seconds.parse().unwrap());
        match seconds {
            // As long as whoever probes servers waits for them, for the machine may be busy with something else.
            None => Self {
                seconds: 3,
                workshops: 20,
                in_flight: 64,
                connections: 200,
                healthy: Duration::from_secs(1),
                well: Duration::from_secs(3),
            },
            Some(seconds) => Self {
                seconds,
                workshops: 10 + 5 * seconds as usize,
                in_flight: 256,
                connections: 1_000,
                healthy: Duration::from_millis(100),
                well: Duration::from_secs(1),
            },
        }
    }

    pub(crate) fn time(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }

    /// KiB that the server may take for it: for each connection with what it was asked and is answered, and what the
    /// allocator keeps for each thread. What grew with the requests would be far beyond it.
    pub(crate) fn memory(&self) -> u64 {
        32 * 1024 + 128 * u64::try_from(self.connections).unwrap()
    }
}
