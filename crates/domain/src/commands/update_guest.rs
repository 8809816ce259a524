//! Changes a guest.

use super::refusal;
use crate::{
    Actor, ExternalId, Fingerprint, GuestChanges, GuestForm, GuestId, WriteMode,
    access::{Authority, Reach},
    problems::InputInvalid,
};

/// Changes a guest.
#[derive(Clone, Debug)]
pub struct UpdateGuest {
    /// The guest; `None` if the id is malformed.
    pub guest: Option<GuestId>,
    /// The changes.
    pub changes: GuestChanges,
    /// Identifies the input under an idempotency key.
    pub fingerprint: Fingerprint,
}

refusal! {
    /// The problems of this command, in the order of the checks.
    UpdateGuestRefusal { InputInvalid, GuestInvalid, CenterInvalid, ExternalIdTaken, IdempotencyKeyReused, ResultNotVisible }
}

impl UpdateGuest {
    /// Validates the form.
    pub fn parse(form: &GuestForm, guest: &str) -> Result<Self, InputInvalid> {
        let changes = form.parse(WriteMode::Update)?;
        let fingerprint = Fingerprint::of("updateGuest", &form.fingerprint_inputs().field("guestId", guest));
        Ok(Self { guest: guest.parse().ok(), changes, fingerprint })
    }

    /// Ensures that the caller can replace an external id. A guest can log in by it, so only callers who reach all centers
    /// can change it, and not the guest.
    pub fn ensure_can_replace_external_id(
        &self,
        current: Option<&str>,
        authority: &Authority,
    ) -> Result<(), InputInvalid> {
        if *authority.reach() == Reach::Everywhere && !matches!(authority.actor(), Actor::Guest(_)) {
            return self.changes.external_id.value().map_or(Ok(()), |new| new.ensure_assignable(current));
        }
        let message = "Only a caller who reaches all centers can change the external id of a guest.";
        Err(InputInvalid::for_field("externalId", message))
    }

    /// Decides for an existing guest; `holder` is the guest who has the external id.
    pub fn decide(
        &self,
        authority: &Authority,
        guest: GuestId,
        home_center_exists: bool,
        holder: Option<GuestId>,
    ) -> Result<(), UpdateGuestRefusal> {
        let home_center = &self.changes.home_center;
        home_center.ensure_exists(|_| home_center_exists)?;
        home_center.ensure_within(authority.reach(), WriteMode::Update)?;
        Ok(ExternalId::ensure_available(holder, guest)?)
    }
}
