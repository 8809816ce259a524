use async_graphql::{Context, ID, Object, Result};
use domain::CenterId;
use persistence::{CenterRow, Scope};

use super::{
    statistics::{Period, Statistics},
    thing,
    workshop::Workshop,
};
use crate::graphql::{
    connection::{Listing, PageArguments, TotalCount, listing, nothing, page_cost},
    fault::{Fault, missing},
    filter::WorkshopFilter,
    loaders::Loaders,
    order::WorkshopOrder,
    scalars::TimeZone,
};

thing!(Center(CenterRow));

impl Center {
    fn center_id(&self) -> CenterId {
        CenterId::from_uuid(self.0.id)
    }

    /// The center to which a row refers.
    pub(in crate::graphql) async fn load(ctx: &Context<'_>, id: uuid::Uuid) -> Result<Self, Fault> {
        let row = ctx.data_unchecked::<Loaders>().center(CenterId::from_uuid(id)).await?;
        row.map(Self).ok_or_else(|| missing("center"))
    }
}

/// A place that runs workshops.
#[Object]
impl Center {
    /// `ctr_…`
    pub(crate) async fn id(&self) -> ID {
        self.center_id().to_string().into()
    }

    /// The id of this center in the caller's own system.
    async fn external_id(&self) -> Option<&str> {
        self.0.external_id.as_deref()
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Where its clocks are. Instants are always in UTC; show them to guests in this time zone.
    async fn time_zone(&self) -> TimeZone {
        TimeZone(self.0.time_zone.clone())
    }

    /// Numbers for a dashboard, added up by the database: each group of them costs one statement for a whole page.
    #[graphql(complexity = "20 + child_complexity")]
    async fn statistics(
        &self,
        #[graphql(desc = "Only what was registered, or starts, on these days; everything when omitted.")]
        period: Option<Period>,
    ) -> Result<Statistics> {
        Statistics::of(Scope { workshop: None, center: Some(self.center_id()) }, period)
    }

    /// The workshops that this center runs, alone or with others. By the start of the first session unless ordered
    /// otherwise; 20 when neither `first` nor `last` is given, at most 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn workshops(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when omitted.")] filter: Option<WorkshopFilter>,
        #[graphql(desc = "In which order.")] order_by: Option<WorkshopOrder>,
        #[graphql(desc = "This many from the start, 0 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "This many from the end, 0 to 100; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<Listing<Workshop>> {
        let ordering = order_by.unwrap_or_default().into();
        let page = PageArguments { first, after, last, before }.page(&ordering)?;
        let Some(filter) = filter.unwrap_or_default().parse() else { return Ok(nothing(&page)) };
        let center = self.center_id();
        let list = (center, (filter.clone(), ordering, page.clone()));
        let slice = ctx.data_unchecked::<Loaders>().workshops_of_center(list).await?.unwrap_or_default();
        Ok(listing(slice, &page, TotalCount::WorkshopsOfCenter(center, filter)))
    }
}
