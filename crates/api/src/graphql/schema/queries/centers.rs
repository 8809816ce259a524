use async_graphql::{Context, ID, Object, Result};

use super::found;
use crate::graphql::{
    execution::{cost::looked_up, loaders::Loaders},
    schema::types::center::Center,
};

#[derive(Default)]
pub(super) struct CenterQueries;

#[Object]
impl CenterQueries {
    /// The center with this id; null if it does not exist.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn center(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The center, `ctr_…`.")] id: ID,
    ) -> Option<Result<Center>> {
        found(ctx.data_unchecked::<Loaders>().center(id.parse().ok()?).await)
    }
}
