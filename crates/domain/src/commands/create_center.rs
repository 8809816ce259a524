//! Enter a center.

use super::refusal;
use crate::{CenterDetails, CenterForm, CenterId, ExternalId, Fingerprint, WriteMode, problems::InputInvalid};

/// A center to enter.
#[derive(Clone, Debug)]
pub struct CreateCenter {
    /// The id that it gets.
    pub id: CenterId,
    /// What it is.
    pub details: CenterDetails,
    /// Tells this command from another one under the same idempotency key.
    pub fingerprint: Fingerprint,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
    CreateCenterRefusal { InputInvalid, ExternalIdTaken, IdempotencyKeyReused }
}

impl CreateCenter {
    /// The command, unless something is wrong with the form.
    pub fn parse(form: &CenterForm, id: CenterId) -> Result<Self, InputInvalid> {
        let details = form.parse(WriteMode::Create)?.complete()?;
        Ok(Self { id, details, fingerprint: Fingerprint::of("createCenter", &form.fingerprint_inputs()) })
    }

    /// Decides; `holder` is the center that has the external id.
    pub fn decide(&self, holder: Option<CenterId>) -> Result<(), CreateCenterRefusal> {
        Ok(ExternalId::ensure_available(holder, self.id)?)
    }
}
