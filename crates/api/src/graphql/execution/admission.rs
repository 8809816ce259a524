//! The number of operations in flight is limited. Further requests are rejected before they are parsed, so that a
//! rejection costs almost nothing and accepted operations finish in time.

use crate::{
    caller_key::CallerKey,
    permit_pool::{Permit, PermitPool, PermitRefused},
};

/// Grants the in-flight permits.
#[derive(Clone)]
pub(in crate::graphql) struct Admission(PermitPool);

/// Permission for one operation to be in flight.
#[derive(Debug)]
pub(crate) struct InFlightPermit(Permit);

impl Admission {
    pub(in crate::graphql) fn new(max_in_flight: usize, per_caller: usize) -> Self {
        Self(PermitPool::new("operations in flight", max_in_flight, per_caller))
    }

    /// Takes a permit for a caller.
    pub(in crate::graphql) fn admit(&self, caller: CallerKey) -> Result<InFlightPermit, PermitRefused> {
        Ok(InFlightPermit(self.0.acquire(caller)?))
    }
}

impl InFlightPermit {
    /// Counts the permit for another caller: the one that authentication has identified.
    pub(crate) fn transfer(&mut self, caller: CallerKey) -> Result<(), PermitRefused> {
        self.0.transfer(caller)
    }
}
