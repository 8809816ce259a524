//! The totals of a connection. Each costs one statement, if it is selected.

use async_graphql::{Context, Object, Result};
use domain::{
    RegistrationId,
    access::{ManageApiKeys, Permit},
};
use persistence::{CenterFilter, ChangeFilter, GuestFilter, RegistrationFilter, WorkshopFilter};

use super::{
    scope::{RegistrationScope, WorkshopScope},
    types::status_count::RegistrationStatusCount,
};
use crate::graphql::execution::{
    context::{loaders, store, view},
    cost::aggregate_cost,
    counted::Counted,
    fault::Fault,
};

/// The list whose rows are counted.
pub(in crate::graphql) enum TotalCount {
    /// The filter matches nothing, so no statement is needed.
    Nothing,
    Workshops(WorkshopScope, WorkshopFilter),
    Guests(GuestFilter),
    Centers(CenterFilter),
    Changes(ChangeFilter),
    History(RegistrationId),
    ApiKeys(Permit<ManageApiKeys>),
}

/// The totals of a connection.
#[Object]
impl TotalCount {
    /// The number of entries in the whole list, with the filter and without the page. Costs one statement.
    #[graphql(complexity = "aggregate_cost(1)")]
    async fn total_count(&self, ctx: &Context<'_>) -> Result<u64> {
        Ok(match self {
            Self::Nothing => 0,
            Self::Workshops(WorkshopScope::All, filter) => view(ctx).count(filter).await.map_err(Fault::from)?,
            Self::Workshops(WorkshopScope::OfCenter(center), filter) => {
                loaders(ctx).workshop_count_of_center((*center, filter.clone())).await?.unwrap_or_default()
            }
            Self::Guests(filter) => view(ctx).count(filter).await.map_err(Fault::from)?,
            Self::Centers(filter) => view(ctx).count(filter).await.map_err(Fault::from)?,
            Self::Changes(filter) => view(ctx).count(filter).await.map_err(Fault::from)?,
            Self::ApiKeys(permit) => store(ctx).count_api_keys(permit).await.map_err(Fault::from)?,
            Self::History(registration) => loaders(ctx).history_length(*registration).await?.unwrap_or_default(),
        })
    }
}

/// The list of registrations to count; `None` if the filter matches nothing.
pub(in crate::graphql) struct RegistrationTotals(
    pub(in crate::graphql) Option<(RegistrationScope, RegistrationFilter)>,
);

/// The totals of a connection of registrations.
#[Object]
impl RegistrationTotals {
    /// The number of entries in the whole list, with the filter and without the page. Costs one statement.
    #[graphql(complexity = "aggregate_cost(1)")]
    async fn total_count(&self, ctx: &Context<'_>) -> Result<u64> {
        let Some((scope, filter)) = &self.0 else { return Ok(0) };
        let filter = || filter.clone();
        let count = match *scope {
            RegistrationScope::All => Some(view(ctx).count(&filter()).await.map_err(Fault::from)?),
            RegistrationScope::OfWorkshop(id) => loaders(ctx).registration_count_of_workshop((id, filter())).await?,
            RegistrationScope::OfGuest(id) => loaders(ctx).registration_count_of_guest((id, filter())).await?,
        };
        Ok(count.unwrap_or_default())
    }

    /// The number of registrations in each state in the whole list, with the filter and without the page. Ordered by the
    /// documented number of the state; states without registrations are omitted. Costs one statement.
    #[graphql(complexity = "aggregate_cost(child_complexity)")]
    async fn status_counts(&self, ctx: &Context<'_>) -> Result<Vec<Counted<RegistrationStatusCount>>> {
        let Some((scope, filter)) = &self.0 else { return Ok(Vec::new()) };
        let filter = || filter.clone();
        let counts = match *scope {
            RegistrationScope::All => Some(view(ctx).status_counts(&filter()).await.map_err(Fault::from)?),
            RegistrationScope::OfWorkshop(id) => loaders(ctx).status_counts_of_workshop((id, filter())).await?,
            RegistrationScope::OfGuest(id) => loaders(ctx).status_counts_of_guest((id, filter())).await?,
        };
        Ok(RegistrationStatusCount::of(counts.unwrap_or_default()))
    }
}
