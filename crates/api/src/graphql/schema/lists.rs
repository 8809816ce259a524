//! The lists of the schema. Each is resolved here and flattened into the types that have it.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use domain::{CenterId, GuestId, WorkshopId, access::Visibility};
use futures_util::FutureExt;
use persistence::{CenterRow, GuestRow, Ordering, Page, RegistrationRow, Slice, View, WorkshopRow};

use super::{
    connection::{Listing, PageArguments, listing, page_cost},
    field_access::ensure_sees_guests,
    filter::{CenterFilter, FilterError, GuestFilter, RegistrationFilter, WorkshopFilter},
    order::{CenterOrder, GuestOrder, RegistrationOrder, WorkshopOrder},
    totals::{RegistrationTotals, TotalCount},
    types::{center::Center, guest::Guest, registration::Registration, workshop::Workshop},
};
use crate::graphql::execution::{
    fault::{Fault, bad_input},
    loaders::Loaders,
};

/// The workshops of a list: all, or those that a center runs.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::graphql) enum Workshops {
    #[default]
    All,
    Of(CenterId),
}

/// The registrations of a list: all, or those of a workshop or of a guest.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::graphql) enum Registrations {
    #[default]
    All,
    To(WorkshopId),
    Of(GuestId),
}

/// The list of all guests.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::graphql) struct Guests;

/// The list of all centers.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::graphql) struct Centers;

/// How the rows of a list are loaded and counted.
trait List {
    type Filter;
    type By;
    type Row;
    type Totals;

    fn slice(
        &self,
        ctx: &Context<'_>,
        filter: &Self::Filter,
        ordering: Ordering<Self::By>,
        page: &Page,
    ) -> impl Future<Output = Result<Slice<Self::Row>, Fault>> + Send;

    /// Checks that the caller can see guests or registrations at all.
    fn ensure_seen(&self, _ctx: &Context<'_>) -> Result<()> {
        Ok(())
    }

    /// Checks that the order suits the filter.
    fn ensure_ordered(&self, _filter: &Self::Filter, _by: Self::By) -> Result<()> {
        Ok(())
    }

    /// Returns the totals of the rows that match the filter; `None` matches nothing.
    fn totals(&self, filter: Option<Self::Filter>) -> Self::Totals;
}

/// Writes the field of a list, with the arguments of a connection, as one object for each type that has the field. The
/// types of the graph refer to each other, and the registry cannot flatten one object into two such types.
macro_rules! list {
    (
        $field:ident of $list:ident as $listing:ty, by $filter:ident, $order:ident {
            $($(#[$doc:meta])* $place:ident),+ $(,)?
        }
    ) => {
        $(#[derive(Default)]
        pub(in crate::graphql) struct $place(pub(in crate::graphql) $list);

        #[Object]
        impl $place {
            $(#[$doc])*
            #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
            #[graphql(complexity = "page_cost(first, last, child_complexity)")]
            async fn $field(
                &self,
                ctx: &Context<'_>,
                #[graphql(desc = "The entries to list. Omitted or null lists all.")] filter: Option<$filter>,
                #[graphql(desc = "The order of the list.")] order_by: Option<$order>,
                #[graphql(desc = "The number of entries to return from the start, 0 to 100.")] first: Option<i32>,
                #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
                #[graphql(desc = "The number of entries to return from the end, 0 to 100. Cannot be combined with `first`.")] last: Option<i32>,
                #[graphql(desc = "Returns only entries before this cursor.")] before: Option<String>,
            ) -> Result<$listing> {
                self.0.ensure_seen(ctx)?;
                let ordering: Ordering<<$list as List>::By> = order_by.unwrap_or_default().into();
                let page = PageArguments { first, after, last, before }.page(&ordering)?;
                let filter = FilterError::refuse(filter.unwrap_or_default().parse())?;
                let slice = match &filter {
                    Some(filter) => {
                        self.0.ensure_ordered(filter, ordering.by)?;
                        self.0.slice(ctx, filter, ordering, &page).boxed().await?
                    }
                    None => Slice::default(),
                };
                Ok(listing(slice, &page, self.0.totals(filter)))
            }
        })+
    };
}

list! {
    workshops of Workshops as Listing<Workshop>, by WorkshopFilter, WorkshopOrder {
        /// Lists all workshops, by the start of the first session unless ordered otherwise. A page has 20 workshops by
        /// default and at most 100.
        AllWorkshops,
        /// Lists the workshops that this center runs, alone or with other centers, by the start of the first session
        /// unless ordered otherwise. A page has 20 workshops by default and at most 100.
        WorkshopsOfCenter,
    }
}

list! {
    registrations of Registrations as RegistrationListing, by RegistrationFilter, RegistrationOrder {
        /// Lists all registrations, past ones included, in the order in which they were made unless ordered otherwise.
        /// A page has 20 registrations by default and at most 100.
        /// For ADMIN, STAFF, PARTNER (`registrations:read` or `registrations:write`), GUEST.
        AllRegistrations,
        /// Lists all registrations to this workshop, past ones included, in the order in which they were made unless
        /// ordered otherwise. A page has 20 registrations by default and at most 100.
        RegistrationsToWorkshop,
        /// Lists all registrations of this guest, past ones included, in the order in which they were made unless
        /// ordered otherwise. A page has 20 registrations by default and at most 100.
        RegistrationsOfGuest,
    }
}

list! {
    guests of Guests as Listing<Guest>, by GuestFilter, GuestOrder {
        /// Lists all guests, by family name unless ordered otherwise. A page has 20 guests by default and at most 100.
        /// For ADMIN, STAFF, PARTNER (`guests:read` or `guests:write` or `registrations:read` or `registrations:write`), GUEST.
        AllGuests,
    }
}

list! {
    centers of Centers as Listing<Center>, by CenterFilter, CenterOrder {
        /// Lists all centers, by name unless ordered otherwise. A page has 20 centers by default and at most 100.
        AllCenters,
    }
}

/// A connection of registrations.
pub(in crate::graphql) type RegistrationListing = Listing<Registration, RegistrationTotals>;

fn view<'a>(ctx: &Context<'a>) -> &'a View {
    ctx.data_unchecked::<Arc<View>>()
}

fn loaders<'a>(ctx: &Context<'a>) -> &'a Loaders {
    ctx.data_unchecked::<Loaders>()
}

impl List for Workshops {
    type Filter = persistence::WorkshopFilter;
    type By = persistence::WorkshopOrder;
    type Row = WorkshopRow;
    type Totals = TotalCount;

    async fn slice(
        &self,
        ctx: &Context<'_>,
        filter: &Self::Filter,
        ordering: Ordering<Self::By>,
        page: &Page,
    ) -> Result<Slice<Self::Row>, Fault> {
        let list = || (filter.clone(), ordering, page.clone());
        Ok(match *self {
            Self::All => view(ctx).list(filter, ordering, page).await?,
            Self::Of(center) => loaders(ctx).workshops_of_center((center, list())).await?.unwrap_or_default(),
        })
    }

    fn totals(&self, filter: Option<Self::Filter>) -> Self::Totals {
        filter.map_or(TotalCount::Nothing, |filter| TotalCount::Workshops(*self, filter))
    }
}

impl List for Registrations {
    type Filter = persistence::RegistrationFilter;
    type By = persistence::RegistrationOrder;
    type Row = RegistrationRow;
    type Totals = RegistrationTotals;

    fn ensure_seen(&self, ctx: &Context<'_>) -> Result<()> {
        ensure_sees_guests(ctx, Visibility::registrations)
    }

    fn ensure_ordered(&self, filter: &Self::Filter, by: Self::By) -> Result<()> {
        let of_one_line = matches!(self, Self::To(_)) || filter.workshop.is_some();
        if by == persistence::RegistrationOrder::WaitlistPosition && !of_one_line {
            return Err(bad_input("`WAITLIST_POSITION` is the order of one line: give `workshopId`."));
        }
        Ok(())
    }

    async fn slice(
        &self,
        ctx: &Context<'_>,
        filter: &Self::Filter,
        ordering: Ordering<Self::By>,
        page: &Page,
    ) -> Result<Slice<Self::Row>, Fault> {
        let list = || (filter.clone(), ordering, page.clone());
        Ok(match *self {
            Self::All => view(ctx).list(filter, ordering, page).await?,
            Self::To(workshop) => loaders(ctx).registrations_of_workshop((workshop, list())).await?.unwrap_or_default(),
            Self::Of(guest) => loaders(ctx).registrations_of_guest((guest, list())).await?.unwrap_or_default(),
        })
    }

    fn totals(&self, filter: Option<Self::Filter>) -> Self::Totals {
        RegistrationTotals(filter.map(|filter| (*self, filter)))
    }
}

impl List for Guests {
    type Filter = persistence::GuestFilter;
    type By = persistence::GuestOrder;
    type Row = GuestRow;
    type Totals = TotalCount;

    fn ensure_seen(&self, ctx: &Context<'_>) -> Result<()> {
        ensure_sees_guests(ctx, Visibility::guests)
    }

    async fn slice(
        &self,
        ctx: &Context<'_>,
        filter: &Self::Filter,
        ordering: Ordering<Self::By>,
        page: &Page,
    ) -> Result<Slice<Self::Row>, Fault> {
        Ok(view(ctx).list(filter, ordering, page).await?)
    }

    fn totals(&self, filter: Option<Self::Filter>) -> Self::Totals {
        filter.map_or(TotalCount::Nothing, TotalCount::Guests)
    }
}

impl List for Centers {
    type Filter = persistence::CenterFilter;
    type By = persistence::CenterOrder;
    type Row = CenterRow;
    type Totals = TotalCount;

    async fn slice(
        &self,
        ctx: &Context<'_>,
        filter: &Self::Filter,
        ordering: Ordering<Self::By>,
        page: &Page,
    ) -> Result<Slice<Self::Row>, Fault> {
        Ok(view(ctx).list(filter, ordering, page).await?)
    }

    fn totals(&self, filter: Option<Self::Filter>) -> Self::Totals {
        filter.map_or(TotalCount::Nothing, TotalCount::Centers)
    }
}
