//! Changes a center.

use super::refusal;
use crate::{CenterChanges, CenterForm, CenterId, ExternalId, Fingerprint, WriteMode, problems::InputInvalid};

/// Changes a center.
#[derive(Clone, Debug)]
pub struct UpdateCenter {
    /// The center; `None` if the id is malformed.
    pub center: Option<CenterId>,
    /// The changes.
    pub changes: CenterChanges,
    /// Identifies the input under an idempotency key.
    pub fingerprint: Fingerprint,
}

refusal! {
    /// The problems of this command, in the order of the checks.
    UpdateCenterRefusal { InputInvalid, CenterInvalid, ExternalIdTaken, IdempotencyKeyReused }
}

impl UpdateCenter {
    /// Validates the form.
    pub fn parse(form: &CenterForm, center: &str) -> Result<Self, InputInvalid> {
        let changes = form.parse(WriteMode::Update)?;
        let fingerprint = Fingerprint::of("updateCenter", &form.fingerprint_inputs().field("centerId", center));
        Ok(Self { center: center.parse().ok(), changes, fingerprint })
    }

    /// Decides for an existing center with this external id; `holder` is the center that has the new one.
    pub fn decide(
        &self,
        center: CenterId,
        external_id: Option<&str>,
        holder: Option<CenterId>,
    ) -> Result<(), UpdateCenterRefusal> {
        if let Some(new) = self.changes.external_id.value() {
            new.ensure_assignable(external_id)?;
        }
        Ok(ExternalId::ensure_available(holder, center)?)
    }
}
