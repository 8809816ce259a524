//! The totals of a connection. Each costs one statement, if it is selected.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use domain::{
    RegistrationId,
    access::{ManageApiKeys, Permit},
};
use persistence::{CenterFilter, ChangeFilter, GuestFilter, RegistrationFilter, Store, View, WorkshopFilter};

use super::{
    lists::{Registrations, Workshops},
    types::workshop::RegistrationStatusCount,
};
use crate::graphql::execution::{cost::added_up, fault::Fault, loaders::Loaders};

/// The list whose rows are counted.
pub(in crate::graphql) enum TotalCount {
    /// The filter matches nothing, so no statement is needed.
    Nothing,
    Workshops(Workshops, WorkshopFilter),
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
    #[graphql(complexity = "added_up(1)")]
    async fn total_count(&self, ctx: &Context<'_>) -> Result<u64> {
        let (view, loaders) = (ctx.data_unchecked::<Arc<View>>(), ctx.data_unchecked::<Loaders>());
        Ok(match self {
            Self::Nothing => 0,
            Self::Workshops(Workshops::All, filter) => view.count(filter).await.map_err(Fault::from)?,
            Self::Workshops(Workshops::Of(center), filter) => {
                loaders.workshop_count_of_center((*center, filter.clone())).await?.unwrap_or_default()
            }
            Self::Guests(filter) => view.count(filter).await.map_err(Fault::from)?,
            Self::Centers(filter) => view.count(filter).await.map_err(Fault::from)?,
            Self::Changes(filter) => view.count(filter).await.map_err(Fault::from)?,
            Self::ApiKeys(permit) => {
                ctx.data_unchecked::<Arc<Store>>().count_api_keys(permit).await.map_err(Fault::from)?
            }
            Self::History(registration) => loaders.history_length(*registration).await?.unwrap_or_default(),
        })
    }
}

/// The list of registrations to count; `None` if the filter matches nothing.
pub(in crate::graphql) struct RegistrationTotals(pub(in crate::graphql) Option<(Registrations, RegistrationFilter)>);

/// The totals of a connection of registrations.
#[Object]
impl RegistrationTotals {
    /// The number of entries in the whole list, with the filter and without the page. Costs one statement.
    #[graphql(complexity = "added_up(1)")]
    async fn total_count(&self, ctx: &Context<'_>) -> Result<u64> {
        let (view, loaders) = (ctx.data_unchecked::<Arc<View>>(), ctx.data_unchecked::<Loaders>());
        let Some((list, filter)) = &self.0 else { return Ok(0) };
        let filter = || filter.clone();
        let count = match *list {
            Registrations::All => Some(view.count(&filter()).await.map_err(Fault::from)?),
            Registrations::To(workshop) => loaders.registration_count_of_workshop((workshop, filter())).await?,
            Registrations::Of(guest) => loaders.registration_count_of_guest((guest, filter())).await?,
        };
        Ok(count.unwrap_or_default())
    }

    /// The number of registrations in each state in the whole list, with the filter and without the page. Ordered by
    /// the documented number of the state; states without registrations are omitted. Costs one statement.
    #[graphql(complexity = "added_up(child_complexity)")]
    async fn status_counts(&self, ctx: &Context<'_>) -> Result<Vec<RegistrationStatusCount>> {
        let (view, loaders) = (ctx.data_unchecked::<Arc<View>>(), ctx.data_unchecked::<Loaders>());
        let Some((list, filter)) = &self.0 else { return Ok(Vec::new()) };
        let filter = || filter.clone();
        let counts = match *list {
            Registrations::All => Some(view.status_counts(&filter()).await.map_err(Fault::from)?),
            Registrations::To(workshop) => loaders.status_counts_of_workshop((workshop, filter())).await?,
            Registrations::Of(guest) => loaders.status_counts_of_guest((guest, filter())).await?,
        };
        Ok(RegistrationStatusCount::of(counts.unwrap_or_default()))
    }
}
