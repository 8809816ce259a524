//! Change what is known of a guest.

use super::refusal;
use crate::{
    ExternalId, Fingerprint, GuestChanges, GuestForm, GuestId, Purpose, access::Authority, problems::InputInvalid,
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
        let changes = form.parse(Purpose::Change)?;
        Ok(Self { guest: guest.parse().ok(), changes, fingerprint: form.fingerprint("updateGuest", guest) })
    }

    /// Decides about a guest who is there; `holder` is the guest who has the external id.
    pub fn ensure(
        &self,
        by: &Authority,
        guest: GuestId,
        home_center_is_known: bool,
        holder: Option<GuestId>,
    ) -> Result<(), UpdateGuestRefusal> {
        let home_center = &self.changes.home_center;
        home_center.ensure_known(|_| home_center_is_known)?;
        home_center.ensure_within(by.reach(), Purpose::Change)?;
        Ok(ExternalId::ensure_free(holder, guest)?)
    }
}
