use std::sync::Arc;

use async_graphql::{Context, ID, Object, OneofObject, Result};
use domain::ExternalId;
use persistence::Store;

use super::found;
use crate::graphql::{
    connection::{Listing, PageArguments, TotalCount, listing, nothing, page_cost},
    fault::Fault,
    filter::GuestFilter,
    loaders::Loaders,
    order::GuestOrder,
    types::guest::Guest,
};

#[derive(Default)]
pub(super) struct GuestQueries;

/// What a guest is known by: exactly one of these.
#[derive(OneofObject)]
enum GuestBy {
    /// The id, `gst_…`.
    Id(ID),
    /// The id in the caller's own system.
    ExternalId(String),
}

#[Object]
impl GuestQueries {
    /// The guest who is known by this; null when there is none.
    async fn guest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "One way to know the guest.")] by: GuestBy,
    ) -> Option<Result<Guest>> {
        let row = match by {
            GuestBy::Id(id) => ctx.data_unchecked::<Loaders>().guest(id.parse().ok()?).await,
            GuestBy::ExternalId(id) => {
                let id = ExternalId::parse(&id).ok()?;
                ctx.data_unchecked::<Arc<Store>>().guest_by_external_id(&id).await.map_err(Fault::from)
            }
        };
        found(row)
    }

    /// All guests. By family name unless ordered otherwise; 20 when neither `first` nor `last` is given, at most 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn guests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when omitted.")] filter: Option<GuestFilter>,
        #[graphql(desc = "In which order.")] order_by: Option<GuestOrder>,
        #[graphql(desc = "This many from the start, 0 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "This many from the end, 0 to 100; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<Listing<Guest>> {
        let ordering = order_by.unwrap_or_default().into();
        let page = PageArguments { first, after, last, before }.page(&ordering)?;
        let Some(filter) = filter.unwrap_or_default().parse() else { return Ok(nothing(&page)) };
        let store = ctx.data_unchecked::<Arc<Store>>();
        let slice = store.list_guests(&filter, ordering, &page).await.map_err(Fault::from)?;
        Ok(listing(slice, &page, TotalCount::Guests(filter)))
    }
}
