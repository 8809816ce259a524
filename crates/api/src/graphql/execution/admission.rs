//! The number of operations in flight is limited. Further requests are rejected before they are parsed, so that a
//! rejection costs almost nothing and accepted operations finish in time.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Grants the in-flight permits.
#[derive(Clone)]
pub(in crate::graphql) struct Admission(Arc<Semaphore>);

/// Permission for one operation to be in flight.
#[derive(Debug)]
pub(crate) struct InFlightPermit(#[expect(dead_code, reason = "held until it is dropped")] OwnedSemaphorePermit);

impl Admission {
    pub(in crate::graphql) fn new(max_in_flight: usize) -> Self {
        Self(Arc::new(Semaphore::new(max_in_flight.min(Semaphore::MAX_PERMITS))))
    }

    /// Takes a permit; `None` if none is free.
    pub(in crate::graphql) fn admit(&self) -> Option<InFlightPermit> {
        self.0.clone().try_acquire_owned().ok().map(InFlightPermit)
    }
}
