use async_graphql::{ID, InputObject, MaybeUndefined};
use domain::GuestForm;

use super::patch;

/// The data of a guest. In an update, an omitted field keeps its value, and null clears a field that can be empty.
#[derive(InputObject)]
pub(in crate::graphql) struct GuestInput {
    /// The id of this guest in the caller's own system: 1 to 255 characters without control characters, unique among
    /// guests. A new id has no spaces around it and no invisible characters. null means none.
    external_id: MaybeUndefined<String>,
    /// The given name: 1 to 200 characters after trimming, without control characters. Required for a new guest; never
    /// null.
    given_name: MaybeUndefined<String>,
    /// The family name: 1 to 200 characters after trimming, without control characters. Required for a new guest; never
    /// null.
    family_name: MaybeUndefined<String>,
    /// The email address: text on both sides of one @, at most 254 characters, no spaces or control characters. null
    /// means none.
    email: MaybeUndefined<String>,
    /// The phone number: 1 to 40 characters; digits, spaces and + - ( ) . / only. null means none.
    phone: MaybeUndefined<String>,
    /// The center that the guest usually visits, `ctr_…`. null means none.
    home_center_id: MaybeUndefined<ID>,
    /// Makes a retry safe: the same key with the same input returns the first success again, for 24 hours.
    pub(in crate::graphql) idempotency_key: Option<String>,
}

impl From<GuestInput> for GuestForm {
    fn from(input: GuestInput) -> Self {
        Self {
            external_id: patch(input.external_id),
            given_name: patch(input.given_name),
            family_name: patch(input.family_name),
            email: patch(input.email),
            phone: patch(input.phone),
            home_center: patch(input.home_center_id.map_value(|id| id.0)),
        }
    }
}
