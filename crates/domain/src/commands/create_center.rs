//! Creates a center.

use super::refusal;
use crate::{CenterDetails, CenterForm, CenterId, ExternalId, Fingerprint, WriteMode, problems::InputInvalid};

/// Creates a center.
#[derive(Clone, Debug)]
pub struct CreateCenter {
    /// The id of the new center.
    pub id: CenterId,
    /// The data of the center.
    pub details: CenterDetails,
    /// Identifies the input under an idempotency key.
    pub fingerprint: Fingerprint,
}

refusal! {
    /// The problems of this command, in the order of the checks.
    CreateCenterRefusal { InputInvalid, ExternalIdTaken, IdempotencyKeyReused }
}

impl CreateCenter {
    /// Validates the form.
    pub fn parse(form: &CenterForm, id: CenterId) -> Result<Self, InputInvalid> {
        let details = form.parse(WriteMode::Create)?.complete()?;
        Ok(Self { id, details, fingerprint: Fingerprint::of("createCenter", &form.fingerprint_inputs()) })
    }

    /// Decides; `holder` is the center that has the external id.
    pub fn decide(&self, holder: Option<CenterId>) -> Result<(), CreateCenterRefusal> {
        Ok(ExternalId::ensure_available(holder, self.id)?)
    }
}
