use std::sync::Arc;

use async_graphql::{Context, Result};
use domain::access::Visibility;
use persistence::GuestRow;

use super::List;
use crate::graphql::{
    execution::{context::view, fault::Fault, loaded::PageRows, loaders::ListQuery},
    schema::{
        connection::Listing, field_access::ensure_sees_guests, filter::GuestFilter, order::GuestOrder,
        totals::TotalCount, types::guest::Guest,
    },
};

/// The list of all guests.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::graphql) struct Guests;

list! {
    guests of Guests as Listing<Guest>, by GuestFilter, GuestOrder {
        /// Lists all guests, by family name unless ordered otherwise. A page has 20 guests by default and at most 100.
        AllGuests,
    }
}

impl List for Guests {
    type Filter = persistence::GuestFilter;
    type Order = persistence::GuestOrder;
    type Row = GuestRow;
    type Totals = TotalCount;

    fn ensure_visible(&self, ctx: &Context<'_>) -> Result<()> {
        ensure_sees_guests(ctx, Visibility::guests)
    }

    async fn load(
        &self,
        ctx: &Context<'_>,
        query: &ListQuery<Self::Filter, Self::Order>,
    ) -> Result<PageRows<GuestRow>, Fault> {
        Ok(view(ctx).list(&query.filter, query.ordering, &query.page).await?.map(Arc::new))
    }

    fn totals(&self, filter: Option<Self::Filter>) -> TotalCount {
        filter.map_or(TotalCount::Nothing, TotalCount::Guests)
    }
}
