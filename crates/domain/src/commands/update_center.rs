//! Change what is known of a center.

use super::refusal;
use crate::{CenterChanges, CenterForm, CenterId, ExternalId, Fingerprint, WriteMode, problems::InputInvalid};

/// A center to change.
#[derive(Clone, Debug)]
pub struct UpdateCenter {
    /// The center; `None` for an id that names nothing.
    pub center: Option<CenterId>,
    /// What is to be different.
    pub changes: CenterChanges,
    /// Tells this command from another one under the same idempotency key.
    pub fingerprint: Fingerprint,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
    UpdateCenterRefusal { InputInvalid, CenterInvalid, ExternalIdTaken, IdempotencyKeyReused }
}

impl UpdateCenter {
    /// The command, unless something is wrong with the form.
    pub fn parse(form: &CenterForm, center: &str) -> Result<Self, InputInvalid> {
        let changes = form.parse(WriteMode::Update)?;
        let fingerprint = Fingerprint::of("updateCenter", &form.fingerprint_inputs().field("centerId", center));
        Ok(Self { center: center.parse().ok(), changes, fingerprint })
    }

    /// Decides about a center that there is; `holder` is the center that has the external id.
    pub fn decide(center: CenterId, holder: Option<CenterId>) -> Result<(), UpdateCenterRefusal> {
        Ok(ExternalId::ensure_available(holder, center)?)
    }
}
