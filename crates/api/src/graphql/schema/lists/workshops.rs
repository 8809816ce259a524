use std::sync::Arc;

use async_graphql::Context;
use persistence::WorkshopRow;

use super::List;
use crate::graphql::{
    execution::{
        context::{loaders, view},
        fault::Fault,
        loaded::PageRows,
        loaders::ListQuery,
    },
    schema::{
        connection::Listing, filter::WorkshopFilter, order::WorkshopOrder, scope::WorkshopScope, totals::TotalCount,
        types::workshop::Workshop,
    },
};

list! {
    workshops of WorkshopScope as Listing<Workshop>, by WorkshopFilter, WorkshopOrder {
        /// Lists all workshops, by the start of the first session unless ordered otherwise. A page has 20 workshops by
        /// default and at most 100.
        AllWorkshops,
        /// Lists the workshops that this center runs, alone or with other centers, by the start of the first session unless
        /// ordered otherwise. A page has 20 workshops by default and at most 100.
        WorkshopsOfCenter,
    }
}

impl List for WorkshopScope {
    type Filter = persistence::WorkshopFilter;
    type Order = persistence::WorkshopOrder;
    type Row = WorkshopRow;
    type Totals = TotalCount;

    async fn load(
        &self,
        ctx: &Context<'_>,
        query: &ListQuery<Self::Filter, Self::Order>,
    ) -> Result<PageRows<WorkshopRow>, Fault> {
        Ok(match *self {
            Self::All => view(ctx).list(&query.filter, query.ordering, &query.page).await?.map(Arc::new),
            Self::OfCenter(center) => {
                loaders(ctx).workshops_of_center((center, query.clone())).await?.unwrap_or_default()
            }
        })
    }

    fn totals(&self, filter: Option<Self::Filter>) -> TotalCount {
        filter.map_or(TotalCount::Nothing, |filter| TotalCount::Workshops(*self, filter))
    }
}
