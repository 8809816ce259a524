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
    /// The registration with this id; null when there is none.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`reg_…`")] id: ID,
    ) -> Option<Result<Registration>> {
        if let Err(refusal) = ensure_sees_guests(ctx, Visibility::registrations) {
            return Some(Err(refusal));
        }
        found(ctx.data_unchecked::<Loaders>().registration(id.parse().ok()?).await)
    }
}
