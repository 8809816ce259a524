//! The number of operations in flight is limited. Further requests are rejected before they are parsed, so that a
//! rejection costs almost nothing and accepted operations finish in time.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Grants the in-flight permits.
#[derive(Clone)]
pub(in crate::graphql) struct Admission(Arc<Semaphore>);

/// Permission for one operation to be in flight.
#[derive(Clone, Debug)]
pub(crate) struct InFlightPermit(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Admission {
    pub(in crate::graphql) fn new(max_in_flight: usize) -> Self {
        Self(Arc::new(Semaphore::new(max_in_flight.min(Semaphore::MAX_PERMITS))))
    }

    /// Takes a permit; `None` if none is free.
    pub(in crate::graphql) fn admit(&self) -> Option<InFlightPermit> {
        let permit = self.0.clone().try_acquire_owned().ok()?;
        Some(InFlightPermit(Arc::new(Mutex::new(Some(permit)))))
    }
}

impl InFlightPermit {
    /// Releases the permit before the operation ends.
    fn release(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Releases the permit of a subscription that has started: from here on it only waits for events.
pub(in crate::graphql) fn release_permit(ctx: &Context<'_>) {
    if let Some(permit) = ctx.data_opt::<InFlightPermit>() {
        permit.release();
    }
}
