//! What makes a decision of the rules atomic, one file a command.

use domain::{
    Actor, CenterId, Fingerprint, GuestId, IdempotencyKey, Timestamp, WorkshopAggregate, WorkshopId,
    access::{Authority, Permit},
    problems::IdempotencyKeyReused,
};

use crate::{
    StoreError,
    aggregates::{LoadPlan, writes::Writes},
    idempotency::ScopedKey,
};

pub(crate) mod edit;
pub(crate) mod on_registration;
pub(crate) mod on_workshop;

pub(crate) mod create_api_key;
mod create_center;
mod create_guest;
pub(crate) mod create_workshop;
pub(crate) mod import_guests;
pub(crate) mod register_guest;
mod register_guests;
mod revoke_api_key;
mod rotate_api_key;
mod update_center;
mod update_guest;

/// Somebody who may ask for this kind of change, and under which key it is asked.
#[derive(Debug)]
pub struct CommandContext<D> {
    /// Leave to do it.
    pub permit: Permit<D>,
    /// The key that makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl<D> Clone for CommandContext<D> {
    fn clone(&self) -> Self {
        Self { permit: self.permit.clone(), idempotency_key: self.idempotency_key.clone() }
    }
}

impl<D> CommandContext<D> {
    /// For what Atelier does itself, or its operator on the command line.
    pub fn unlimited(actor: Actor) -> Self {
        Self { permit: Permit::unlimited(actor), idempotency_key: None }
    }

    pub(crate) fn erase(self) -> ErasedContext {
        ErasedContext { authority: self.permit.into_authority(), idempotency_key: self.idempotency_key }
    }
}

/// On whose context a change is made that may be made, and under which key.
#[derive(Clone, Debug)]
pub(crate) struct ErasedContext {
    pub(crate) authority: Authority,
    idempotency_key: Option<IdempotencyKey>,
}

impl ErasedContext {
    pub(crate) fn key(&self) -> Option<ScopedKey> {
        Some((self.authority.actor().clone(), self.idempotency_key.clone()?))
    }
}

/// A command that a lane can run.
pub(crate) trait Command: Send + 'static {
    /// What the caller gets; it can be written down and read again, for retries.
    type Success: StoredResult + Send;
    /// Why the caller does not get it.
    type Refusal: From<IdempotencyKeyReused> + Send;

    /// The one workshop that the command touches.
    fn workshop(&self) -> WorkshopId;

    /// Tells this command from another one under the same key.
    fn fingerprint(&self) -> Fingerprint;

    /// Says what the decision needs to know.
    fn plan_load(&self, plan: &mut LoadPlan);

    /// Decides on the workshop's aggregate (`None`: no such workshop) on context of somebody, and notes what is to be written.
    fn decide(
        &self,
        aggregate: Option<&mut WorkshopAggregate>,
        now: Timestamp,
        by: &Authority,
        writes: &mut Writes,
    ) -> Result<Self::Success, Self::Refusal>;
}

/// A result that is kept under an idempotency key.
pub(crate) trait StoredResult: Sized {
    /// The result as text.
    fn encode(&self) -> String;
    /// The result that this text was.
    fn decode(text: &str) -> Result<Self, StoreError>;
}

/// What was entered or changed is kept as its id.
macro_rules! stored_as_id {
    ($($id:ty),+) => {
        $(impl StoredResult for $id {
            fn encode(&self) -> String {
                self.to_string()
            }

            fn decode(text: &str) -> Result<Self, StoreError> {
                text.parse().map_err(|_| StoreError::Corrupt { what: "a stored result", why: text.to_owned() })
            }
        })+
    };
}
stored_as_id!(CenterId, GuestId);
