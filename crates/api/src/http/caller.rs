use axum::http::HeaderMap;
use domain::access::Access;

use super::{App, address::Address, refusal::Refusal};
use crate::fair_use::{Level, Payer, Purse};

/// Somebody who calls.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// What they may see and do.
    pub(super) access: Access,
    /// From where they call.
    address: Address,
}

impl Caller {
    /// The same, who calls from here.
    pub(super) fn from(self, address: Address) -> Self {
        Self { address, ..self }
    }
}

impl App {
    /// Finds out who is calling.
    pub(super) async fn identify(&self, _headers: &HeaderMap) -> Result<Caller, Refusal> {
        Ok(Caller { access: self.stranger.clone(), address: Address(None) })
    }

    /// What an operation of this caller is paid out of.
    pub(super) fn purse(&self, caller: &Caller) -> Purse {
        Purse::new(self.buckets.clone(), Payer::of(caller.access.actor(), caller.address.0))
    }

    /// Takes something out of the bucket of an address, for what is no operation. `None`: nobody counts.
    #[expect(dead_code, reason = "for credentials that are refused")]
    pub(super) fn charge(&self, address: Address, cost: usize) -> Option<Level> {
        Purse::new(self.buckets.clone(), Payer::at(address.0)).pay(cost)
    }
}
