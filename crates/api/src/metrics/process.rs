use std::{fs, sync::atomic::AtomicU64};

use prometheus_client::{
    metrics::counter::Counter,
    metrics::gauge::Gauge,
    registry::{Registry, Unit},
};

/// The process, under the names that Prometheus has for any. Where the system does not tell, they are 0.
#[derive(Debug, Default)]
pub(super) struct Process {
    cpu: Counter<f64, AtomicU64>,
    memory: Gauge,
    files: Gauge,
}

/// Ticks of the system's clock in a second, as Linux tells times to programs on every machine.
const TICKS: f64 = 100.0;

impl Process {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register_with_unit("cpu", "Time that processors worked", Unit::Seconds, self.cpu.clone());
        registry.register_with_unit("resident_memory", "Memory that is in use", Unit::Bytes, self.memory.clone());
        registry.register("open_fds", "Files and sockets that are open", self.files.clone());
    }

    pub(super) fn see(&self) {
        if let Some(seconds) = cpu() {
            let more = seconds - self.cpu.get();
            self.cpu.inc_by(more.max(0.0));
        }
        if let Some(bytes) = memory() {
            self.memory.set(bytes);
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            // One of them is the folder that is read.
            self.files.set(i64::try_from(files.count().saturating_sub(1)).unwrap_or(i64::MAX));
        }
    }
}

fn cpu() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program comes before this, in brackets, and may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS)
}

fn memory() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}
