use std::time::Duration;

/// The clients of an attack.
pub(crate) const ATTACKERS: u8 = 8;

/// The duration of an attack, and what it may do to the server.
pub(crate) struct Size {
    pub(crate) duration: Duration,
    /// Whether the machine does no other work, so that latencies mean something.
    pub(crate) is_machine_idle: bool,
    /// The 99th percentile of the latency of the honest clients, on an idle machine.
    pub(crate) max_latency: Duration,
    /// The time after which an honest client gives up. It is then locked out.
    pub(crate) response_timeout: Duration,
    /// Further flags of the server.
    pub(crate) flags: &'static [&'static str],
    /// The memory of the server.
    pub(crate) max_memory_kib: u64,
}

impl Size {
    /// The full size for `ATELIER_ATTACK_SECONDS`, or a small one without the variable.
    pub(crate) fn from_environment() -> Self {
        match std::env::var("ATELIER_ATTACK_SECONDS").ok().map(|seconds| seconds.parse().unwrap()) {
            // The code of the debug binary takes about 60 MiB more.
            None => Self {
                duration: Duration::from_secs(3),
                is_machine_idle: false,
                max_latency: Duration::MAX,
                response_timeout: Duration::from_mins(1),
                // A statement waits for the processor, not for the attack.
                flags: &["--database-timeout", "60"],
                max_memory_kib: 210 * 1024,
            },
            Some(seconds) => Self {
                duration: Duration::from_secs(seconds),
                is_machine_idle: true,
                max_latency: Duration::from_millis(250),
                response_timeout: Duration::from_secs(5),
                flags: &[],
                max_memory_kib: 150 * 1024,
            },
        }
    }
}
