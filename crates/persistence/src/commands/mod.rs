//! Commands: each makes the decision of a domain rule atomic, one file per command.

use domain::{
    Actor, CenterId, Fingerprint, GuestId, IdempotencyKey, Timestamp, WorkshopAggregate, WorkshopId,
    access::{Authority, Permit},
    problems::IdempotencyKeyReused,
};

use crate::{aggregates::LoadPlan, idempotency::ScopedKey};

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

/// The permit of a command's caller, and the idempotency key of the command.
#[derive(Debug)]
pub struct CommandContext<P> {
    /// The permission to run the command.
    pub permit: Permit<P>,
    /// The key that makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl<P> Clone for CommandContext<P> {
    fn clone(&self) -> Self {
        Self { permit: self.permit.clone(), idempotency_key: self.idempotency_key.clone() }
    }
}

impl<P> CommandContext<P> {
    /// The context of commands of Atelier itself, or of its operator on the command line.
    pub fn unlimited(actor: Actor) -> Self {
        Self { permit: Permit::unlimited(actor), idempotency_key: None }
    }

    pub(crate) fn erase(self) -> ErasedContext {
        ErasedContext { authority: self.permit.into_authority(), idempotency_key: self.idempotency_key }
    }
}

/// A [`CommandContext`] without the type of its permission, so that one lane can queue commands of every type.
#[derive(Clone, Debug)]
pub(crate) struct ErasedContext {
    pub(crate) authority: Authority,
    idempotency_key: Option<IdempotencyKey>,
}

impl ErasedContext {
    /// The idempotency key in the scope of the actor.
    pub(crate) fn key(&self) -> Option<ScopedKey> {
        Some((self.authority.actor().clone(), self.idempotency_key.clone()?))
    }
}

/// A command that a lane can run.
pub(crate) trait Command: Send + 'static {
    /// The result, which is stored for retries.
    type Success: StoredResult + Send;
    type Refusal: From<IdempotencyKeyReused> + Send;

    /// The only workshop that the command changes.
    fn workshop(&self) -> WorkshopId;

    /// Distinguishes this command from another one under the same key.
    fn fingerprint(&self) -> Fingerprint;

    /// Adds the rows that the decision requires.
    fn plan_load(&self, plan: &mut LoadPlan);

    /// Decides on the workshop's aggregate (`None`: no such workshop) with the caller's authority. The lane then writes the
    /// changes of the aggregate.
    fn decide(
        &self,
        aggregate: Option<&mut WorkshopAggregate>,
        now: Timestamp,
        by: &Authority,
    ) -> Result<Self::Success, Self::Refusal>;
}

/// A result that is stored under an idempotency key.
pub(crate) trait StoredResult: Sized {
    /// The result as text.
    fn encode(&self) -> String;
    /// The result from its text; `None`: the text is corrupt.
    fn decode(text: &str) -> Option<Self>;
}

/// Implements [`StoredResult`] for ids.
macro_rules! stored_as_id {
    ($($id:ty),+) => {
        $(impl StoredResult for $id {
            fn encode(&self) -> String {
                self.to_string()
            }

            fn decode(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        })+
    };
}
stored_as_id!(CenterId, GuestId);
