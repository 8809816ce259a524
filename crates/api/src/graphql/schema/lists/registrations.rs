use std::sync::Arc;

use async_graphql::{Context, Result};
use domain::access::Visibility;
use persistence::RegistrationRow;

use super::List;
use crate::graphql::{
    execution::{
        context::{loaders, view},
        fault::{Fault, bad_input},
        loaded::PageRows,
        loaders::ListQuery,
    },
    schema::{
        connection::Listing, field_access::ensure_sees_guests, filter::RegistrationFilter, order::RegistrationOrder,
        scope::RegistrationScope, totals::RegistrationTotals, types::registration::Registration,
    },
};

/// A connection of registrations.
pub(in crate::graphql) type RegistrationListing = Listing<Registration, RegistrationTotals>;

list! {
    registrations of RegistrationScope as RegistrationListing, by RegistrationFilter, RegistrationOrder {
        /// Lists all registrations, past ones included, in the order in which they were made unless ordered otherwise. A
        /// page has 20 registrations by default and at most 100.
        AllRegistrations,
        /// Lists all registrations to this workshop, past ones included, in the order in which they were made unless
        /// ordered otherwise. A page has 20 registrations by default and at most 100.
        RegistrationsOfWorkshop,
        /// Lists all registrations of this guest, past ones included, in the order in which they were made unless ordered
        /// otherwise. A page has 20 registrations by default and at most 100.
        RegistrationsOfGuest,
    }
}

impl List for RegistrationScope {
    type Filter = persistence::RegistrationFilter;
    type Order = persistence::RegistrationOrder;
    type Row = RegistrationRow;
    type Totals = RegistrationTotals;

    fn ensure_visible(&self, ctx: &Context<'_>) -> Result<()> {
        ensure_sees_guests(ctx, Visibility::registrations)
    }

    fn ensure_ordered(&self, query: &ListQuery<Self::Filter, Self::Order>) -> Result<()> {
        let has_one_waitlist = matches!(self, Self::OfWorkshop(_)) || query.filter.workshop.is_some();
        if query.ordering.by == persistence::RegistrationOrder::WaitlistPosition && !has_one_waitlist {
            return Err(bad_input("`WAITLIST_POSITION` orders the waitlist of one workshop. Filter by `workshopId`."));
        }
        Ok(())
    }

    async fn load(
        &self,
        ctx: &Context<'_>,
        query: &ListQuery<Self::Filter, Self::Order>,
    ) -> Result<PageRows<RegistrationRow>, Fault> {
        Ok(match *self {
            Self::All => view(ctx).list(&query.filter, query.ordering, &query.page).await?.map(Arc::new),
            Self::OfWorkshop(workshop) => {
                loaders(ctx).registrations_of_workshop((workshop, query.clone())).await?.unwrap_or_default()
            }
            Self::OfGuest(guest) => {
                loaders(ctx).registrations_of_guest((guest, query.clone())).await?.unwrap_or_default()
            }
        })
    }

    fn totals(&self, filter: Option<Self::Filter>) -> RegistrationTotals {
        RegistrationTotals(filter.map(|filter| (*self, filter)))
    }
}
