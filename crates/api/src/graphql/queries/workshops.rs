use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use persistence::Store;

use super::found;
use crate::graphql::{
    connection::{Listing, PageArguments, TotalCount, listing, nothing, page_cost},
    fault::Fault,
    filter::WorkshopFilter,
    loaders::Loaders,
    order::WorkshopOrder,
    types::workshop::Workshop,
};

#[derive(Default)]
pub(super) struct WorkshopQueries;

#[Object]
impl WorkshopQueries {
    /// The workshop with this id; null when there is none.
    async fn workshop(&self, ctx: &Context<'_>, #[graphql(desc = "`wks_…`")] id: ID) -> Option<Result<Workshop>> {
        found(ctx.data_unchecked::<Loaders>().workshop(id.parse().ok()?).await)
    }

    /// All workshops. By the start of the first session unless ordered otherwise; 20 when neither `first` nor `last`
    /// is given, at most 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn workshops(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when omitted.")] filter: Option<WorkshopFilter>,
        #[graphql(desc = "In which order.")] order_by: Option<WorkshopOrder>,
        #[graphql(desc = "This many from the start, 0 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "This many from the end, 0 to 100; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<Listing<Workshop>> {
        let ordering = order_by.unwrap_or_default().into();
        let page = PageArguments { first, after, last, before }.page(&ordering)?;
        let Some(filter) = filter.unwrap_or_default().parse() else { return Ok(nothing(&page)) };
        let store = ctx.data_unchecked::<Arc<Store>>();
        let slice = store.list_workshops(&filter, ordering, &page).await.map_err(Fault::from)?;
        Ok(listing(slice, &page, TotalCount::Workshops(filter)))
    }
}
