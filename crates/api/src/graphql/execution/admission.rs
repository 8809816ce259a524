//! The number of operations in flight is limited. Further requests are rejected before they are parsed, so that a
//! rejection costs almost nothing and accepted operations finish in time.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;

use crate::{
    caller_key::CallerKey,
    permit_pool::{Permit, PermitPool, PermitRefused},
};

/// Grants the in-flight permits.
#[derive(Clone)]
pub(in crate::graphql) struct Admission(PermitPool);

/// Permission for one operation to be in flight.
#[derive(Clone, Debug)]
pub(crate) struct InFlightPermit(Arc<Mutex<Option<Permit>>>);

impl Admission {
    pub(in crate::graphql) fn new(max_in_flight: usize, per_caller: usize) -> Self {
        Self(PermitPool::new("operations in flight", max_in_flight, per_caller))
    }

    /// Takes a permit for a caller.
    pub(in crate::graphql) fn admit(&self, caller: CallerKey) -> Result<InFlightPermit, PermitRefused> {
        Ok(InFlightPermit(Arc::new(Mutex::new(Some(self.0.acquire(caller)?)))))
    }
}

impl InFlightPermit {
    /// Counts the permit for another caller: the one that authentication has identified.
    pub(crate) fn transfer(&self, caller: CallerKey) -> Result<(), PermitRefused> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map_or(Ok(()), |permit| permit.transfer(caller))
    }

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
