use async_graphql::{InputObject, MaybeUndefined};
use domain::CenterForm;

use crate::graphql::schema::{mutations::patch, scalars::TimeZone};

/// What there is to say of a center. When a center is changed, a field that is left out stays as it is, and null empties
/// one that can be empty.
#[derive(InputObject)]
pub(in crate::graphql) struct CenterInput {
    /// The id of this center in the caller's own system: 1 to 255 characters, none of them a control character, for one
    /// center only. null: none.
    external_id: MaybeUndefined<String>,
    /// What people call it: 1 to 200 characters after trimming, none of them a control character. Required for a new
    /// center; never null.
    name: MaybeUndefined<String>,
    /// Where its clocks are, an IANA name. Required for a new center; never null.
    time_zone: MaybeUndefined<TimeZone>,
    /// Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours.
    pub(in crate::graphql) idempotency_key: Option<String>,
}

impl From<CenterInput> for CenterForm {
    fn from(input: CenterInput) -> Self {
        Self {
            external_id: patch(input.external_id),
            name: patch(input.name),
            time_zone: patch(input.time_zone.map_value(|zone| zone.0)),
        }
    }
}
