use async_graphql::{Context, Object, Result};
use domain::access::Visibility;
use persistence::{AS_COMMITTED, ChangeRow, Slice};

use crate::graphql::{
    execution::{context::view, fault::Fault},
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
    /// Lists all changes after a cursor, in commit order and without gaps. Query again with the last cursor: no change is
    /// skipped or repeated. A change appears shortly after its commit, when all earlier changes are readable. To receive
    /// only new changes, start with the cursor of `changes(last: 1)`.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
        #[graphql(
            desc = "The number of entries to return from the start, 0 to 100. The default is 20 if `last` is not given."
        )]
        first: Option<i32>,
        #[graphql(desc = "The number of entries to return from the end, 0 to 100. Cannot be combined with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Returns only entries before this cursor.")] before: Option<String>,
        #[graphql(desc = "The conditions for entries. Omitted or null: all entries.")] filter: Option<ChangeFilter>,
    ) -> Result<Listing<Change>> {
        ensure_sees_guests(ctx, Visibility::registrations)?;
        let page = PageArguments { first, after, last, before }.page(&AS_COMMITTED)?;
        let view = view(ctx);
        let Some(filter) = filter.unwrap_or_default().parse() else {
            return Ok(listing(Slice::<ChangeRow>::default(), &page, TotalCount::Nothing));
        };
        let slice = view.list_changes(&filter, &page).await.map_err(Fault::from)?;
        Ok(listing(slice, &page, TotalCount::Changes(filter)))
    }
}
