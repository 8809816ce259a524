//! Metrics of the process, from Linux's `/proc`.

use std::{fs, sync::atomic::AtomicU64};

use prometheus_client::{
    metrics::counter::Counter,
    metrics::gauge::Gauge,
    registry::{Registry, Unit},
};

/// The standard process metrics of Prometheus. A value that the system does not provide is 0.
#[derive(Debug, Default)]
pub(super) struct Process {
    cpu: Counter<f64, AtomicU64>,
    memory: Gauge,
    files: Gauge,
}

/// Clock ticks per second in `/proc`, the same on every Linux machine.
const TICKS_PER_SECOND: f64 = 100.0;

impl Process {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register_with_unit("cpu", "CPU time used", Unit::Seconds, self.cpu.clone());
        registry.register_with_unit("resident_memory", "Resident memory", Unit::Bytes, self.memory.clone());
        registry.register("open_fds", "Open file descriptors", self.files.clone());
    }

    /// Reads the current values.
    pub(super) fn update(&self) {
        if let Some(seconds) = cpu_seconds() {
            let increase = seconds - self.cpu.get();
            self.cpu.inc_by(increase.max(0.0));
        }
        if let Some(bytes) = resident_bytes() {
            self.memory.set(bytes);
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            // One descriptor is the folder that is being read.
            self.files.set(i64::try_from(files.count().saturating_sub(1)).unwrap_or(i64::MAX));
        }
    }
}

fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The first fields contain the program name in parentheses, which can contain any character.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS_PER_SECOND)
}

fn resident_bytes() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}
