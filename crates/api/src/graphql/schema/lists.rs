//! The lists of the graph, each resolved in one place: at the root, and flattened into whatever has such a list.

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

/// Workshops: all, or those that a center runs.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::graphql) enum Workshops {
    #[default]
    All,
    Of(CenterId),
}

/// Registrations: all, or those to a workshop or of a guest.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::graphql) enum Registrations {
    #[default]
    All,
    To(WorkshopId),
    Of(GuestId),
}

/// All guests.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::graphql) struct Guests;

/// All centers.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::graphql) struct Centers;

/// Where the rows of a list come from, and what is counted besides.
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

    /// Whether the caller may see anybody who could be in it.
    fn ensure_seen(&self, _ctx: &Context<'_>) -> Result<()> {
        Ok(())
    }

    /// Whether this order makes sense of what the filter lets through.
    fn ensure_ordered(&self, _filter: &Self::Filter, _by: Self::By) -> Result<()> {
        Ok(())
    }

    /// Of the rows that this filter lets through; `None` can find nothing.
    fn totals(&self, filter: Option<Self::Filter>) -> Self::Totals;
}

/// Writes the field of a list, with the arguments of every connection, as an object for each place where it is: a type is
/// described while those that it refers to are, so that one object could not be flattened into two that refer to each
/// other.
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
                #[graphql(desc = "Which ones; all when omitted.")] filter: Option<$filter>,
                #[graphql(desc = "In which order.")] order_by: Option<$order>,
                #[graphql(desc = "This many from the start, 0 to 100.")] first: Option<i32>,
                #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
                #[graphql(desc = "This many from the end, 0 to 100; not together with `first`.")] last: Option<i32>,
                #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
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
        /// All workshops. By the start of the first session unless ordered otherwise; 20 when neither `first` nor `last`
        /// is given, at most 100.
        AllWorkshops,
        /// The workshops that this center runs, alone or with others. By the start of the first session unless ordered
        /// otherwise; 20 when neither `first` nor `last` is given, at most 100.
        WorkshopsOfCenter,
    }
}

list! {
    registrations of Registrations as RegistrationListing, by RegistrationFilter, RegistrationOrder {
        /// All registrations, past ones too. In the order in which they were made unless ordered otherwise; 20 when
        /// neither `first` nor `last` is given, at most 100.
        AllRegistrations,
        /// All registrations to it, past ones too. In the order in which they were made unless ordered otherwise; 20
        /// when neither `first` nor `last` is given, at most 100.
        RegistrationsToWorkshop,
        /// All registrations of this guest, past ones too. In the order in which they were made unless ordered
        /// otherwise; 20 when neither `first` nor `last` is given, at most 100.
        RegistrationsOfGuest,
    }
}

list! {
    guests of Guests as Listing<Guest>, by GuestFilter, GuestOrder {
        /// All guests. By family name unless ordered otherwise; 20 when neither `first` nor `last` is given, at most 100.
        AllGuests,
    }
}

list! {
    centers of Centers as Listing<Center>, by CenterFilter, CenterOrder {
        /// All centers. By name unless ordered otherwise; 20 when neither `first` nor `last` is given, at most 100.
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
