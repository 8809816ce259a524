use async_graphql::{Context, ID, Object, Result};

use crate::graphql::{
    execution::{context::loaders, cost::lookup_cost},
    schema::types::{center::Center, optional_node},
};

#[derive(Default)]
pub(super) struct CenterQueries;

#[Object]
impl CenterQueries {
    /// The center with this id; null if it does not exist.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn center(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The center, `ctr_…`.")] id: ID,
    ) -> Option<Result<Center>> {
        optional_node(loaders(ctx).center(id.parse().ok()?).await)
    }
}
