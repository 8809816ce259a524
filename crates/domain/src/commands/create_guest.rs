//! Enter a guest.

use super::refusal;
use crate::{
    ExternalId, Fingerprint, GuestDetails, GuestForm, GuestId, WriteMode, access::Authority, problems::InputInvalid,
};

/// A guest to enter.
#[derive(Clone, Debug)]
pub struct CreateGuest {
    /// The id that the guest gets.
    pub id: GuestId,
    /// Who it is.
    pub details: GuestDetails,
    /// Tells this command from another one under the same idempotency key.
    pub fingerprint: Fingerprint,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
    CreateGuestRefusal { InputInvalid, CenterInvalid, ExternalIdTaken, IdempotencyKeyReused }
}

impl CreateGuest {
    /// The command, unless something is wrong with the form.
    pub fn parse(form: &GuestForm, id: GuestId) -> Result<Self, InputInvalid> {
        let details = form.parse(WriteMode::Create)?.complete()?;
        Ok(Self { id, details, fingerprint: Fingerprint::of("createGuest", &form.fingerprint_inputs()) })
    }

    /// Decides; `holder` is the guest who has the external id.
    pub fn decide(
        &self,
        by: &Authority,
        home_center_is_known: bool,
        holder: Option<GuestId>,
    ) -> Result<(), CreateGuestRefusal> {
        let home_center = &self.details.home_center;
        home_center.ensure_exists(|_| home_center_is_known)?;
        home_center.ensure_within(by.reach(), WriteMode::Create)?;
        Ok(ExternalId::ensure_available(holder, self.id)?)
    }
}
