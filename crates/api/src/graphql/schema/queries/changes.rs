use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use domain::access::Visibility;
use persistence::{AS_COMMITTED, ChangeRow, Slice, View};

use crate::graphql::{
    execution::fault::Fault,
    schema::{
        connection::{Listing, PageArguments, listing, page_cost},
        field_access::ensure_sees_guests,
        filter::ChangeFilter,
        totals::TotalCount,
        types::change::Change,
    },
};

#[derive(Default)]
pub(super) struct ChangeQueries;

#[Object]
impl ChangeQueries {
    /// The journal: every change in commit order, gap-free, from a cursor on. Ask again with the last cursor and nothing
    /// is missed or seen twice; a change is in it a moment after it was acknowledged, when all before it are. The cursor of
    /// `last: 1` is where to begin to follow it.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "This many from the start, 0 to 100; 20 when neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "This many from the end, 0 to 100; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones; all when omitted.")] filter: Option<ChangeFilter>,
    ) -> Result<Listing<Change>> {
        ensure_sees_guests(ctx, Visibility::registrations)?;
        let page = PageArguments { first, after, last, before }.page(&AS_COMMITTED)?;
        let view = ctx.data_unchecked::<Arc<View>>();
        let Some(filter) = filter.unwrap_or_default().parse() else {
            return Ok(listing(Slice::<ChangeRow>::default(), &page, TotalCount::Nothing));
        };
        let slice = view.list_changes(&filter, &page).await.map_err(Fault::from)?;
        Ok(listing(slice, &page, TotalCount::Changes(filter)))
    }
}
