use std::sync::Arc;

use prometheus_client::{metrics::gauge::Gauge, registry::Registry};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A fixed number of permits, with a gauge of those in use.
#[derive(Clone, Debug)]
pub(crate) struct PermitPool {
    permits: Arc<Semaphore>,
    size: usize,
    in_use: Gauge,
}

impl PermitPool {
    /// A pool of this size, or of the largest possible size.
    pub(crate) fn new(size: usize) -> Self {
        let size = size.min(Semaphore::MAX_PERMITS);
        Self { permits: Arc::new(Semaphore::new(size)), size, in_use: Gauge::default() }
    }

    /// Takes a permit, which returns to the pool when it is dropped. `None`: all permits are in use.
    pub(crate) fn try_acquire(&self) -> Option<OwnedSemaphorePermit> {
        self.permits.clone().try_acquire_owned().ok()
    }

    pub(super) fn register(&self, registry: &mut Registry, name: &str, help: &str) {
        registry.register(name, help, self.in_use.clone());
        let size: Gauge = Gauge::default();
        size.set(i64::try_from(self.size).unwrap_or(i64::MAX));
        registry.register(format!("{name}_max"), format!("{help}, maximum"), size);
    }

    /// Sets the gauge to the current number of permits in use.
    pub(super) fn update(&self) {
        let in_use = self.size - self.permits.available_permits();
        self.in_use.set(i64::try_from(in_use).unwrap_or(i64::MAX));
    }
}
