use async_graphql::{Context, ID, Object, Result};

use super::found;
use crate::graphql::{loaders::Loaders, types::center::Center};

#[derive(Default)]
pub(super) struct CenterQueries;

#[Object]
impl CenterQueries {
    /// The center with this id; null when there is none.
    async fn center(&self, ctx: &Context<'_>, #[graphql(desc = "`ctr_…`")] id: ID) -> Option<Result<Center>> {
        found(ctx.data_unchecked::<Loaders>().center(id.parse().ok()?).await)
    }
}
