use async_graphql::{Context, ID, Object, Result};

use domain::access::Visibility;

use super::found;
use crate::graphql::{
    execution::{cost::looked_up, loaders::Loaders},
    schema::{field_access::ensure_sees_guests, types::registration::Registration},
};

#[derive(Default)]
pub(super) struct RegistrationQueries;

#[Object]
impl RegistrationQueries {
    /// The registration with this id; null if it does not exist.
    /// For ADMIN, STAFF, PARTNER (`registrations:read` or `registrations:write`), GUEST.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The registration, `reg_…`.")] id: ID,
    ) -> Option<Result<Registration>> {
        if let Err(refusal) = ensure_sees_guests(ctx, Visibility::registrations) {
            return Some(Err(refusal));
        }
        found(ctx.data_unchecked::<Loaders>().registration(id.parse().ok()?).await)
    }
}
