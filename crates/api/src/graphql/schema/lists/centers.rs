use std::sync::Arc;

use async_graphql::Context;
use persistence::CenterRow;

use super::List;
use crate::graphql::{
    execution::{context::view, fault::Fault, loaded::PageRows, loaders::ListQuery},
    schema::{
        connection::Listing, filter::CenterFilter, order::CenterOrder, totals::TotalCount, types::center::Center,
    },
};

/// The list of all centers.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::graphql) struct Centers;

list! {
    centers of Centers as Listing<Center>, by CenterFilter, CenterOrder {
        /// Lists all centers, by name unless ordered otherwise. A page has 20 centers by default and at most 100.
        AllCenters,
    }
}

impl List for Centers {
    type Filter = persistence::CenterFilter;
    type Order = persistence::CenterOrder;
    type Row = CenterRow;
    type Totals = TotalCount;

    async fn load(
        &self,
        ctx: &Context<'_>,
        query: &ListQuery<Self::Filter, Self::Order>,
    ) -> Result<PageRows<CenterRow>, Fault> {
        Ok(view(ctx).list(&query.filter, query.ordering, &query.page).await?.map(Arc::new))
    }

    fn totals(&self, filter: Option<Self::Filter>) -> TotalCount {
        filter.map_or(TotalCount::Nothing, TotalCount::Centers)
    }
}
