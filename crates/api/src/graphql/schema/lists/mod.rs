//! The lists of the schema. Each is resolved here and flattened into the types that have it.

use async_graphql::{Context, Result};
use persistence::{Ordering, Page};

use crate::graphql::execution::{fault::Fault, loaded::PageRows, loaders::ListQuery};

/// How the rows of a list are loaded and counted.
trait List {
    type Filter;
    type Order;
    type Row;
    type Totals;

    /// Loads one page.
    fn load(
        &self,
        ctx: &Context<'_>,
        query: &ListQuery<Self::Filter, Self::Order>,
    ) -> impl Future<Output = Result<PageRows<Self::Row>, Fault>> + Send;

    /// Checks that the caller can see any rows of this kind.
    fn ensure_visible(&self, _ctx: &Context<'_>) -> Result<()> {
        Ok(())
    }

    /// Checks that the order suits the filter.
    fn ensure_ordered(&self, _query: &ListQuery<Self::Filter, Self::Order>) -> Result<()> {
        Ok(())
    }

    /// Returns the totals of the rows that match the filter; `None` matches nothing.
    fn totals(&self, filter: Option<Self::Filter>) -> Self::Totals;
}

/// Loads one page and pairs it with the totals of the whole list.
async fn load_page<L: List>(
    list: &L,
    ctx: &Context<'_>,
    filter: Option<L::Filter>,
    ordering: Ordering<L::Order>,
    page: Page,
) -> Result<(PageRows<L::Row>, Page, L::Totals)> {
    let Some(filter) = filter else { return Ok((PageRows::default(), page, list.totals(None))) };
    let query = ListQuery { filter, ordering, page };
    list.ensure_ordered(&query)?;
    let slice = list.load(ctx, &query).await?;
    Ok((slice, query.page, list.totals(Some(query.filter))))
}

/// Writes the field of a list, with the arguments of a connection, as one object for each type that has the field. The
/// types of the graph refer to each other, and the registry cannot flatten one object into two such types.
macro_rules! list {
    (
        $field:ident of $list:ident as $listing:ty, by $filter:ident, $order:ident {
            $($(#[$doc:meta])* $object:ident),+ $(,)?
        }
    ) => {
        $(#[derive(Default)]
        pub(in crate::graphql) struct $object(pub(in crate::graphql) $list);

        #[async_graphql::Object]
        impl $object {
            $(#[$doc])*
            #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
            #[graphql(complexity = "super::super::connection::page_cost(first, last, child_complexity)")]
            async fn $field(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "The conditions for entries. Omitted or null: all entries.")] filter: Option<$filter>,
                #[graphql(desc = "The order of the list.")] order_by: Option<$order>,
                #[graphql(desc = "The number of entries to return from the start, 0 to 100.")] first: Option<i32>,
                #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
                #[graphql(desc = "The number of entries to return from the end, 0 to 100. Cannot be combined with `first`.")]
                last: Option<i32>,
                #[graphql(desc = "Returns only entries before this cursor.")] before: Option<String>,
            ) -> async_graphql::Result<$listing> {
                use $crate::graphql::schema::{connection::{PageArguments, listing}, filter::FilterError, lists};
                lists::List::ensure_visible(&self.0, ctx)?;
                let ordering = order_by.unwrap_or_default().into();
                let page = PageArguments { first, after, last, before }.page(&ordering)?;
                let filter = FilterError::reject_invalid(filter.unwrap_or_default().parse())?;
                // Boxed, because the future of a statement is large.
                let (slice, page, totals) = Box::pin(lists::load_page(&self.0, ctx, filter, ordering, page)).await?;
                Ok(listing(slice, &page, totals))
            }
        })+
    };
}

/// The lists of centers.
mod centers;
/// The lists of guests.
mod guests;
/// The lists of registrations.
mod registrations;
/// The lists of workshops.
mod workshops;

pub(in crate::graphql) use centers::AllCenters;
pub(in crate::graphql) use guests::AllGuests;
pub(in crate::graphql) use registrations::{
    AllRegistrations, RegistrationListing, RegistrationsOfGuest, RegistrationsOfWorkshop,
};
pub(in crate::graphql) use workshops::{AllWorkshops, WorkshopsOfCenter};
