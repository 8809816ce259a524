use async_graphql::{Context, ID, Object, Result};

use crate::graphql::{
    execution::{context::loaders, cost::lookup_cost},
    schema::types::{optional_node, workshop::Workshop},
};

#[derive(Default)]
pub(super) struct WorkshopQueries;

#[Object]
impl WorkshopQueries {
    /// The workshop with this id; null if it does not exist.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn workshop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] id: ID,
    ) -> Option<Result<Workshop>> {
        optional_node(loaders(ctx).workshop(id.parse().ok()?).await)
    }
}
