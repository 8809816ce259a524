//! Creates a guest.

use super::refusal;
use crate::{
    ExternalId, Fingerprint, GuestDetails, GuestForm, GuestId, WriteMode, access::Authority, problems::InputInvalid,
};

/// Creates a guest.
#[derive(Clone, Debug)]
pub struct CreateGuest {
    /// The id of the new guest.
    pub id: GuestId,
    /// The data of the guest.
    pub details: GuestDetails,
    /// Identifies the input under an idempotency key.
    pub fingerprint: Fingerprint,
}

refusal! {
    /// The problems of this command, in the order of the checks.
    CreateGuestRefusal { InputInvalid, CenterInvalid, ExternalIdTaken, IdempotencyKeyReused, ResultNotVisible }
}

impl CreateGuest {
    /// Validates the form.
    pub fn parse(form: &GuestForm, id: GuestId) -> Result<Self, InputInvalid> {
        let details = form.parse(WriteMode::Create)?.complete()?;
        Ok(Self { id, details, fingerprint: Fingerprint::of("createGuest", &form.fingerprint_inputs()) })
    }

    /// Decides; `holder` is the guest who has the external id.
    pub fn decide(
        &self,
        authority: &Authority,
        home_center_exists: bool,
        holder: Option<GuestId>,
    ) -> Result<(), CreateGuestRefusal> {
        let home_center = &self.details.home_center;
        home_center.ensure_exists(|_| home_center_exists)?;
        home_center.ensure_within(authority.reach(), WriteMode::Create)?;
        Ok(ExternalId::ensure_available(holder, self.id)?)
    }
}
