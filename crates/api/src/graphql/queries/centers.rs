use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use persistence::{CenterOrder, Direction, Ordering, Store};

use super::found;
use crate::graphql::{
    connection::{Listing, PageArguments, TotalCount, listing, page_cost},
    fault::Fault,
    loaders::Loaders,
    types::center::Center,
};

#[derive(Default)]
pub(super) struct CenterQueries;

#[Object]
impl CenterQueries {
    /// The center with this id; null when there is none.
    async fn center(&self, ctx: &Context<'_>, #[graphql(desc = "`ctr_…`")] id: ID) -> Option<Result<Center>> {
        found(ctx.data_unchecked::<Loaders>().center(id.parse().ok()?).await)
    }

    /// All centers, by name; 20 when neither `first` nor `last` is given, at most 100.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn centers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "This many from the start, 0 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "This many from the end, 0 to 100; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<Listing<Center>> {
        let ordering = Ordering { by: CenterOrder::Name, direction: Direction::Ascending };
        let page = PageArguments { first, after, last, before }.page(&ordering)?;
        let store = ctx.data_unchecked::<Arc<Store>>();
        let slice = store.list_centers(ordering, &page).await.map_err(Fault::from)?;
        Ok(listing(slice, &page, TotalCount::Centers))
    }
}
