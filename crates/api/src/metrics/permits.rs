use std::sync::Arc;

use prometheus_client::{metrics::gauge::Gauge, registry::Registry};
use tokio::sync::Semaphore;

/// What clients may have only so much of at a time.
#[derive(Clone, Debug)]
pub(crate) struct Permits {
    left: Arc<Semaphore>,
    all: usize,
    taken: Gauge,
}

impl Permits {
    /// So many, or as many as there can be.
    pub(crate) fn new(all: usize) -> Self {
        let all = all.min(Semaphore::MAX_PERMITS);
        Self { left: Arc::new(Semaphore::new(all)), all, taken: Gauge::default() }
    }

    /// One of them, until it is dropped; `None`: all are taken.
    pub(crate) fn take(&self) -> Option<tokio::sync::OwnedSemaphorePermit> {
        self.left.clone().try_acquire_owned().ok()
    }

    pub(super) fn register(&self, registry: &mut Registry, name: &str, help: &str) {
        registry.register(name, help, self.taken.clone());
        let allowed: Gauge = Gauge::default();
        allowed.set(i64::try_from(self.all).unwrap_or(i64::MAX));
        registry.register(format!("{name}_max"), format!("{help}, at most"), allowed);
    }

    pub(super) fn see(&self) {
        let taken = self.all - self.left.available_permits();
        self.taken.set(i64::try_from(taken).unwrap_or(i64::MAX));
    }
}
