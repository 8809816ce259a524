use async_graphql::{Context, ID, Object, Result};

use domain::access::Sight;

use super::found;
use crate::graphql::{cost::looked_up, loaders::Loaders, permission::ensure_people, types::registration::Registration};

#[derive(Default)]
pub(super) struct RegistrationQueries;

#[Object]
impl RegistrationQueries {
    /// The registration with this id; null when there is none.
    /// For ADMIN, STAFF, PARTNER (`registrations:read` or `registrations:write`), GUEST.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`reg_…`")] id: ID,
    ) -> Option<Result<Registration>> {
        if let Err(refusal) = ensure_people(ctx, Sight::registrations) {
            return Some(Err(refusal));
        }
        found(ctx.data_unchecked::<Loaders>().registration(id.parse().ok()?).await)
    }
}
