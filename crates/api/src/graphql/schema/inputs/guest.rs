use async_graphql::{ID, InputObject, MaybeUndefined};
use domain::GuestForm;

use crate::graphql::schema::mutations::patch;

/// What there is to say of a guest. When a guest is changed, a field that is left out stays as it is, and null empties
/// one that can be empty.
#[derive(InputObject)]
pub(in crate::graphql) struct GuestInput {
    /// The id of this guest in the caller's own system: 1 to 255 characters, none of them a control character, for one
    /// guest only. null: none.
    external_id: MaybeUndefined<String>,
    /// The given name: 1 to 200 characters after trimming, none of them a control character. Required for a new guest;
    /// never null.
    given_name: MaybeUndefined<String>,
    /// The family name: 1 to 200 characters after trimming, none of them a control character. Required for a new guest;
    /// never null.
    family_name: MaybeUndefined<String>,
    /// The mail address: one @ with something on both sides, at most 254 characters, no spaces or control characters.
    /// null: none.
    email: MaybeUndefined<String>,
    /// The telephone number: 1 to 40 characters, digits, spaces and + - ( ) . / only. null: none.
    phone: MaybeUndefined<String>,
    /// The center to which the guest usually goes, `ctr_…`. null: none.
    home_center_id: MaybeUndefined<ID>,
    /// Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours.
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
