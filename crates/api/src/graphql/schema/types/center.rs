use async_graphql::{Context, ID, Object, Result};
use domain::{CenterId, access::Visibility};
use persistence::{CenterRow, StatisticsScope};

use super::{node, statistics::Statistics};
use crate::graphql::{
    execution::{
        context::loaders,
        cost::aggregate_cost,
        counted::Counted,
        fault::{Fault, dangling_reference},
    },
    schema::{
        field_access::ensure_sees_guests, filter::DateRange, lists::WorkshopsOfCenter, scalars::TimeZone,
        scope::WorkshopScope,
    },
};

node!(Center = CenterFields(CenterRow));

impl CenterFields {
    fn center_id(&self) -> CenterId {
        CenterId::from_uuid(self.0.id)
    }
}

impl Center {
    /// Loads the center that a row refers to.
    pub(in crate::graphql) async fn load(ctx: &Context<'_>, id: uuid::Uuid) -> Result<Self, Fault> {
        let row = loaders(ctx).center(CenterId::from_uuid(id)).await?;
        row.map(Center::from).ok_or_else(|| dangling_reference("center"))
    }
}

/// A center that runs workshops.
#[Object(name = "Center")]
impl CenterFields {
    /// The id, `ctr_…`.
    pub(crate) async fn id(&self) -> ID {
        self.center_id().to_string().into()
    }

    /// The id of this center in the caller's own system.
    async fn external_id(&self) -> Option<&str> {
        self.0.external_id.as_deref()
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The time zone of the center. Instants are always in UTC; show them to guests in this time zone.
    async fn time_zone(&self) -> TimeZone {
        TimeZone(self.0.time_zone.clone())
    }

    /// Statistics for a dashboard. Each group of numbers costs one statement for a whole page.
    #[graphql(complexity = "aggregate_cost(child_complexity)")]
    async fn statistics(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Counts only registrations that were made, and workshops that start, on these days. At most 366 days; omitted or null counts all."
        )]
        period: Option<DateRange>,
    ) -> Result<Counted<Statistics>> {
        ensure_sees_guests(ctx, Visibility::registrations)?;
        Statistics::of(StatisticsScope { workshop: None, center: Some(self.center_id()) }, period)
    }

    #[graphql(flatten)]
    async fn workshops(&self) -> WorkshopsOfCenter {
        WorkshopsOfCenter(WorkshopScope::OfCenter(self.center_id()))
    }
}
