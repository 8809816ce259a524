use async_graphql::{Context, ID, InputObject, Object, Result};
use domain::access::Visibility;
use persistence::StatisticsScope;

use crate::graphql::{
    execution::{cost::aggregate_cost, counted::Counted},
    schema::{field_access::ensure_sees_guests, filter::DateRange, types::statistics::Statistics},
};

/// Limits the statistics. Every given field must match.
#[derive(Debug, Default, InputObject)]
struct StatisticsFilter {
    /// Counts the registrations made at this center, and the workshops that it runs, alone or with other centers.
    center_id: Option<ID>,
    /// Counts this workshop only.
    workshop_id: Option<ID>,
    /// Counts only registrations that were made, and workshops that start, on these days, in the time zone of each
    /// center. At most 366 days; omitted or null counts all.
    period: Option<DateRange>,
}

impl StatisticsFilter {
    /// Returns the scope of the statistics; `None` if it matches nothing.
    fn scope(&self) -> Option<StatisticsScope> {
        Some(StatisticsScope {
            workshop: self.workshop_id.as_ref().map(|id| id.parse()).transpose().ok()?,
            center: self.center_id.as_ref().map(|id| id.parse()).transpose().ok()?,
        })
    }
}

#[derive(Default)]
pub(super) struct StatisticsQueries;

#[Object]
impl StatisticsQueries {
    /// Statistics for a dashboard. Each group of numbers costs one statement.
    #[graphql(complexity = "aggregate_cost(child_complexity)")]
    async fn statistics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Limits the statistics. Omitted or null covers everything.")] filter: Option<StatisticsFilter>,
    ) -> Result<Counted<Statistics>> {
        ensure_sees_guests(ctx, Visibility::registrations)?;
        let filter = filter.unwrap_or_default();
        match filter.scope() {
            Some(scope) => Statistics::of(scope, filter.period),
            None => Statistics::of_nothing(filter.period),
        }
    }
}
