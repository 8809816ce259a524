//! What makes a decision of the rules atomic, one file a command.

use domain::{
    Actor, CenterId, Desk, Fingerprint, GuestId, IdempotencyKey, Timestamp, WorkshopId,
    access::{Authority, Permit},
    problems::IdempotencyKeyReused,
};

use crate::{StoreError, desks::Questions, idempotency::OwnKey, writes::Writes};

pub(crate) mod create_workshop;
pub(crate) mod edit;
pub(crate) mod on_registration;
pub(crate) mod on_workshop;
pub(crate) mod register_guest;
pub(crate) mod register_guests;

mod create_center;
mod create_guest;
pub(crate) mod import_guests;
mod update_center;
mod update_guest;

/// Somebody who may ask for this kind of change, and under which key it is asked.
#[derive(Debug)]
pub struct Caller<D> {
    /// Leave to do it.
    pub permit: Permit<D>,
    /// The key that makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl<D> Clone for Caller<D> {
    fn clone(&self) -> Self {
        Self { permit: self.permit.clone(), idempotency_key: self.idempotency_key.clone() }
    }
}

impl<D> Caller<D> {
    /// For what Atelier does itself, or its operator on the command line.
    pub fn unlimited(actor: Actor) -> Self {
        Self { permit: Permit::unlimited(actor), idempotency_key: None }
    }

    pub(crate) fn behalf(self) -> Behalf {
        Behalf { authority: self.permit.into_authority(), idempotency_key: self.idempotency_key }
    }
}

/// On whose behalf a change is made that may be made, and under which key.
#[derive(Clone, Debug)]
pub(crate) struct Behalf {
    pub(crate) authority: Authority,
    idempotency_key: Option<IdempotencyKey>,
}

impl Behalf {
    pub(crate) fn key(&self) -> Option<OwnKey> {
        Some((self.authority.actor().clone(), self.idempotency_key.clone()?))
    }
}

/// A command that a lane can run.
pub(crate) trait Command: Send + 'static {
    /// What the caller gets; it can be written down and read again, for retries.
    type Success: Keepable + Send;
    /// Why the caller does not get it.
    type Refusal: From<IdempotencyKeyReused> + Send;

    /// The one workshop that the command touches.
    fn workshop(&self) -> WorkshopId;

    /// Tells this command from another one under the same key.
    fn fingerprint(&self) -> Fingerprint;

    /// Says what the decision needs to know.
    fn ask(&self, questions: &mut Questions);

    /// Decides on the workshop's desk (`None`: no such workshop) on behalf of somebody, and notes what is to be written.
    fn decide(
        &self,
        desk: Option<&mut Desk>,
        now: Timestamp,
        by: &Authority,
        writes: &mut Writes,
    ) -> Result<Self::Success, Self::Refusal>;
}

/// A result that is kept under an idempotency key.
pub(crate) trait Keepable: Sized {
    /// The result as text.
    fn keep(&self) -> String;
    /// The result that this text was.
    fn recall(text: &str) -> Result<Self, StoreError>;
}

/// What was entered or changed is kept as its id.
macro_rules! kept_as_id {
    ($($id:ty),+) => {
        $(impl Keepable for $id {
            fn keep(&self) -> String {
                self.to_string()
            }

            fn recall(text: &str) -> Result<Self, StoreError> {
                text.parse().map_err(|_| StoreError::Corrupt { what: "a kept result", why: text.to_owned() })
            }
        })+
    };
}
kept_as_id!(CenterId, GuestId);
