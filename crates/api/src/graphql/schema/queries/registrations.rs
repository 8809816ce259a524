use async_graphql::{Context, ID, Object, Result};

use domain::access::Visibility;

use crate::graphql::{
    execution::{context::loaders, cost::lookup_cost},
    schema::{
        field_access::ensure_sees_guests,
        types::{optional_node, registration::Registration},
    },
};

#[derive(Default)]
pub(super) struct RegistrationQueries;

#[Object]
impl RegistrationQueries {
    /// The registration with this id; null if it does not exist.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The registration, `reg_…`.")] id: ID,
    ) -> Option<Result<Registration>> {
        if let Err(refusal) = ensure_sees_guests(ctx, Visibility::registrations) {
            return Some(Err(refusal));
        }
        optional_node(loaders(ctx).registration(id.parse().ok()?).await)
    }
}
