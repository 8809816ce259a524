use async_graphql::{Context, Object, Result, SimpleObject};
use persistence::{RegistrationTotals, SeatTotals, StatisticsScope};

use crate::graphql::{
    execution::{
        context::{loaders, now},
        cost::aggregate_cost,
        counted::Counted,
        fault::{Fault, bad_input},
        response_size::ensure_room,
    },
    schema::{filter::DateRange, scalars::Date},
};

/// The number of days up to today if no period is given.
const DEFAULT_DAYS: u64 = 30;

/// The number of registrations made on one day.
#[derive(SimpleObject)]
pub(crate) struct DailyRegistrations {
    /// The day, in the time zone of the center where each guest registered.
    date: Date,
    /// The number of registrations made on this day, in any state now, including waitlisted ones.
    count: i64,
}

/// The statistics of a scope, loaded only if they are selected.
pub(crate) struct Statistics {
    /// `None` matches nothing.
    scope: Option<StatisticsScope>,
    period: Option<domain::Period>,
}

impl Statistics {
    pub(in crate::graphql) fn of(scope: StatisticsScope, period: Option<DateRange>) -> Result<Counted<Self>> {
        let days = |range: DateRange| domain::Period::new(range.from.0, range.to.0).map_err(bad_input);
        Ok(Counted(Self { scope: Some(scope), period: period.map(days).transpose()? }))
    }

    /// Returns statistics of zero, for a scope that matches nothing.
    pub(in crate::graphql) fn of_nothing(period: Option<DateRange>) -> Result<Counted<Self>> {
        let Counted(statistics) = Self::of(StatisticsScope::default(), period)?;
        Ok(Counted(Self { scope: None, ..statistics }))
    }

    async fn seats(&self, ctx: &Context<'_>) -> Result<SeatTotals, Fault> {
        let Some(scope) = self.scope else { return Ok(SeatTotals::default()) };
        Ok(loaders(ctx).seat_totals((scope, self.period)).await?.unwrap_or_default())
    }

    async fn totals(&self, ctx: &Context<'_>) -> Result<RegistrationTotals, Fault> {
        let Some(scope) = self.scope else { return Ok(RegistrationTotals::default()) };
        Ok(loaders(ctx).registration_totals((scope, self.period)).await?.unwrap_or_default())
    }
}

/// Divides two counts; `None` if the divisor is 0.
#[expect(clippy::cast_precision_loss, reason = "no count reaches 2^52")]
fn share(part: i64, total: i64) -> Option<f64> {
    (total > 0).then(|| part as f64 / total as f64)
}

/// Statistics of seats and registrations. Numbers of seats are current and cover published workshops with a capacity; a
/// `period` limits them to workshops whose first session starts on one of its days. All other numbers count
/// registrations, past ones included; a `period` limits them to registrations made on one of its days. A share is from
/// 0 to 1.
#[Object]
impl Statistics {
    /// The number of seats that guests hold.
    async fn seats_taken(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.seats(ctx).await?.seats_taken)
    }

    /// The total number of seats.
    async fn capacity(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.seats(ctx).await?.capacity)
    }

    /// `seatsTaken / capacity`; null if `capacity` is 0, for example for a workshop with unlimited seats.
    async fn fill_rate(&self, ctx: &Context<'_>) -> Result<Option<f64>> {
        let seats = self.seats(ctx).await?;
        Ok(share(seats.seats_taken, seats.capacity))
    }

    /// The number of registrations, in any state.
    async fn registrations(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.totals(ctx).await?.registrations)
    }

    /// The number of registrations on the waitlist now.
    async fn waitlist_length(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.totals(ctx).await?.waiting)
    }

    /// The number of registrations that are or were on the waitlist.
    async fn ever_waitlisted(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.totals(ctx).await?.ever_waitlisted)
    }

    /// The number of registrations that got a seat from the waitlist, even if they lost it later.
    async fn promoted(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.totals(ctx).await?.promoted)
    }

    /// `promoted / everWaitlisted`; null if no guest was ever on the waitlist.
    async fn waitlist_conversion(&self, ctx: &Context<'_>) -> Result<Option<f64>> {
        let totals = self.totals(ctx).await?;
        Ok(share(totals.promoted, totals.ever_waitlisted))
    }

    /// The number of registrations whose guest checked in.
    async fn attended(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.totals(ctx).await?.attended)
    }

    /// The number of registrations marked as a no-show.
    async fn no_shows(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.totals(ctx).await?.no_shows)
    }

    /// `noShows / (noShows + attended)`; null if both are 0.
    async fn no_show_rate(&self, ctx: &Context<'_>) -> Result<Option<f64>> {
        let totals = self.totals(ctx).await?;
        Ok(share(totals.no_shows, totals.no_shows + totals.attended))
    }

    /// The number of registrations made on each day of the `period`, including days without any. Without a `period`,
    /// the last 30 days up to today in UTC. The cost is always that of 366 days.
    #[graphql(complexity = "aggregate_cost(child_complexity.saturating_mul(366))")]
    async fn registrations_per_day(&self, ctx: &Context<'_>) -> Result<Vec<Counted<DailyRegistrations>>> {
        let today = now(ctx).date_naive();
        let period =
            self.period.map_or_else(|| domain::Period::ending_on(today, DEFAULT_DAYS), Ok).map_err(bad_input)?;
        let counts = match self.scope {
            Some(scope) => loaders(ctx).registrations_per_day((scope, period)).await?,
            None => None,
        };
        let counts = counts.unwrap_or_default();
        ensure_room(ctx, period.days().count()).await;
        let day = |day| {
            let count = counts.get(&day).copied().unwrap_or_default();
            Counted(DailyRegistrations { date: Date(day), count })
        };
        Ok(period.days().map(day).collect())
    }
}
