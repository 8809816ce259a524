use async_graphql::{Context, ID, Object, Result};

use super::found;
use crate::graphql::{
    execution::{cost::looked_up, loaders::Loaders},
    schema::types::workshop::Workshop,
};

#[derive(Default)]
pub(super) struct WorkshopQueries;

#[Object]
impl WorkshopQueries {
    /// The workshop with this id; null if it does not exist.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn workshop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] id: ID,
    ) -> Option<Result<Workshop>> {
        found(ctx.data_unchecked::<Loaders>().workshop(id.parse().ok()?).await)
    }
}
