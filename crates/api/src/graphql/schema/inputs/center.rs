use async_graphql::{InputObject, MaybeUndefined};
use domain::CenterForm;

use super::patch;
use crate::graphql::schema::scalars::TimeZone;

/// The data of a center. In an update, an omitted field keeps its value, and null clears a field that can be empty.
#[derive(InputObject)]
pub(in crate::graphql) struct CenterInput {
    /// The id of this center in the caller's own system: 1 to 255 characters without control characters, unique among
    /// centers. A new id has no spaces around it and no invisible characters. null means none.
    external_id: MaybeUndefined<String>,
    /// The name: 1 to 200 characters after trimming, without control characters. Required for a new center; never null.
    name: MaybeUndefined<String>,
    /// The time zone, an IANA name. Required for a new center; never null.
    time_zone: MaybeUndefined<TimeZone>,
    /// Makes a retry safe: the same key with the same input returns the first success again, for 24 hours.
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
