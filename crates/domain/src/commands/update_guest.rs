//! Change what is known of a guest.

use super::refusal;
use crate::{
    Actor, ExternalId, Fingerprint, GuestChanges, GuestForm, GuestId, WriteMode,
    access::{Authority, Reach},
    problems::InputInvalid,
};

/// A guest to change.
#[derive(Clone, Debug)]
pub struct UpdateGuest {
    /// The guest; `None` for an id that names nobody.
    pub guest: Option<GuestId>,
    /// What is to be different.
    pub changes: GuestChanges,
    /// Tells this command from another one under the same idempotency key.
    pub fingerprint: Fingerprint,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
    UpdateGuestRefusal { InputInvalid, GuestInvalid, CenterInvalid, ExternalIdTaken, IdempotencyKeyReused }
}

impl UpdateGuest {
    /// The command, unless something is wrong with the form.
    pub fn parse(form: &GuestForm, guest: &str) -> Result<Self, InputInvalid> {
        let changes = form.parse(WriteMode::Update)?;
        let fingerprint = Fingerprint::of("updateGuest", &form.fingerprint_inputs().field("guestId", guest));
        Ok(Self { guest: guest.parse().ok(), changes, fingerprint })
    }

    /// What another system calls a guest is by what that guest may log in: only those who reach all centers change it, and
    /// not the guest.
    pub fn ensure_can_change_external_id(by: &Authority) -> Result<(), InputInvalid> {
        if *by.reach() == Reach::Everywhere && !matches!(by.actor(), Actor::Guest(_)) {
            return Ok(());
        }
        let message = "Only who reaches all centers changes what a guest is called elsewhere.";
        Err(InputInvalid::for_field("externalId", message))
    }

    /// Decides about a guest who is there; `holder` is the guest who has the external id.
    pub fn decide(
        &self,
        by: &Authority,
        guest: GuestId,
        home_center_is_known: bool,
        holder: Option<GuestId>,
    ) -> Result<(), UpdateGuestRefusal> {
        let home_center = &self.changes.home_center;
        home_center.ensure_exists(|_| home_center_is_known)?;
        home_center.ensure_within(by.reach(), WriteMode::Update)?;
        Ok(ExternalId::ensure_available(holder, guest)?)
    }
}
