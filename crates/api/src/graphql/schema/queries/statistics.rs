use async_graphql::{Context, ID, InputObject, Object, Result};
use domain::access::Visibility;
use persistence::StatisticsScope;

use crate::graphql::{
    execution::cost::added_up,
    schema::{field_access::ensure_sees_guests, filter::DateRange, types::statistics::Statistics},
};

/// Of what the numbers are; every field that is given must hold.
#[derive(Debug, Default, InputObject)]
struct StatisticsFilter {
    /// Of this center: the registrations that were made there, and the workshops that it runs, alone or with others.
    center_id: Option<ID>,
    /// Of this workshop.
    workshop_id: Option<ID>,
    /// Only what was registered, or starts, on these days, at most 366, by the clock of each center;
    /// everything when omitted.
    period: Option<DateRange>,
}

impl StatisticsFilter {
    /// What is counted, once the ids are read; `None` where nothing can be found.
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
    /// Numbers for a dashboard, added up by the database: each group of them costs one statement.
    #[graphql(complexity = "added_up(child_complexity)")]
    async fn statistics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of what; of everything when omitted.")] filter: Option<StatisticsFilter>,
    ) -> Result<Statistics> {
        ensure_sees_guests(ctx, Visibility::registrations)?;
        let filter = filter.unwrap_or_default();
        match filter.scope() {
            Some(scope) => Statistics::of(scope, filter.period),
            None => Statistics::of_nothing(filter.period),
        }
    }
}
