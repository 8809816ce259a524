use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use persistence::{RegistrationTotals, SeatTotals, StatisticsScope, Store};

use crate::graphql::{
    execution::{
        cost::added_up,
        fault::{Fault, bad_input},
        loaders::Loaders,
    },
    schema::{filter::DateRange, scalars::Date},
};

/// Days up to today, when none are given.
const DAYS: u64 = 30;

/// How many registrations were made on a day.
#[derive(SimpleObject)]
pub(crate) struct DailyRegistrations {
    /// The day, by the clock of the center where each guest registered.
    date: Date,
    /// How many registrations began on it, places in line among them, whatever became of them since.
    count: i64,
}

/// Numbers of registrations and of seats.
pub(crate) struct Statistics {
    /// `None`: of nothing.
    scope: Option<StatisticsScope>,
    period: Option<domain::Period>,
}

impl Statistics {
    pub(in crate::graphql) fn of(scope: StatisticsScope, period: Option<DateRange>) -> Result<Self> {
        let days = |range: DateRange| domain::Period::new(range.from.0, range.to.0).map_err(bad_input);
        Ok(Self { scope: Some(scope), period: period.map(days).transpose()? })
    }

    /// Where no such thing is.
    pub(in crate::graphql) fn of_nothing(period: Option<DateRange>) -> Result<Self> {
        Ok(Self { scope: None, ..Self::of(StatisticsScope::default(), period)? })
    }

    async fn seats(&self, ctx: &Context<'_>) -> Result<SeatTotals, Fault> {
        let Some(scope) = self.scope else { return Ok(SeatTotals::default()) };
        Ok(ctx.data_unchecked::<Loaders>().seat_totals((scope, self.period)).await?.unwrap_or_default())
    }

    async fn totals(&self, ctx: &Context<'_>) -> Result<RegistrationTotals, Fault> {
        let Some(scope) = self.scope else { return Ok(RegistrationTotals::default()) };
        Ok(ctx.data_unchecked::<Loaders>().registration_totals((scope, self.period)).await?.unwrap_or_default())
    }
}

/// A share from 0 to 1; none where there is nothing to divide by.
#[expect(clippy::cast_precision_loss, reason = "nobody counts as far as 2^52")]
fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Numbers for a dashboard. Those of seats are as of now, of the published workshops with a capacity; a `period` narrows
/// them to workshops whose first session starts on one of its days. All others are of registrations, past ones too; a
/// `period` narrows them to those that were made on one of its days. A share is from 0 to 1.
#[Object]
impl Statistics {
    /// Seats that guests hold.
    async fn seats_taken(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.seats(ctx).await?.seats_taken)
    }

    /// Seats in all.
    async fn capacity(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.seats(ctx).await?.capacity)
    }

    /// `seatsTaken / capacity`; null when `capacity` is 0, as it is of a workshop without a limit.
    async fn fill_rate(&self, ctx: &Context<'_>) -> Result<Option<f64>> {
        let seats = self.seats(ctx).await?;
        Ok(share(seats.seats_taken, seats.capacity))
    }

    /// Registrations, in whatever state they are.
    async fn registrations(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.totals(ctx).await?.registrations)
    }

    /// Those that wait in line now.
    async fn waitlist_length(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.totals(ctx).await?.waiting)
    }

    /// Those that wait in line or once did, whatever became of them.
    async fn ever_waitlisted(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.totals(ctx).await?.ever_waitlisted)
    }

    /// Those that got their seat from the line, also if they gave it up since.
    async fn promoted(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.totals(ctx).await?.promoted)
    }

    /// `promoted / everWaitlisted`; null when nobody was ever in line.
    async fn waitlist_conversion(&self, ctx: &Context<'_>) -> Result<Option<f64>> {
        let totals = self.totals(ctx).await?;
        Ok(share(totals.promoted, totals.ever_waitlisted))
    }

    /// Those whose guest came.
    async fn attended(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.totals(ctx).await?.attended)
    }

    /// Those whose guest held a seat, did not come, and was marked so.
    async fn no_shows(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.totals(ctx).await?.no_shows)
    }

    /// `noShows / (noShows + attended)`; null when of nobody is known whether they came.
    async fn no_show_rate(&self, ctx: &Context<'_>) -> Result<Option<f64>> {
        let totals = self.totals(ctx).await?;
        Ok(share(totals.no_shows, totals.no_shows + totals.attended))
    }

    /// How many registrations were made on each day of the `period`, days without any among them; without a `period` of
    /// the last 30 days up to today in UTC. Costs what is selected for each of 366 days.
    #[graphql(complexity = "added_up(child_complexity.saturating_mul(366))")]
    async fn registrations_per_day(&self, ctx: &Context<'_>) -> Result<Vec<DailyRegistrations>> {
        let today = ctx.data_unchecked::<Arc<Store>>().clock().now().date_naive();
        let period = self.period.map_or_else(|| domain::Period::ending_on(today, DAYS), Ok).map_err(bad_input)?;
        let made = match self.scope {
            Some(scope) => ctx.data_unchecked::<Loaders>().registrations_per_day((scope, period)).await?,
            None => None,
        };
        let made = made.unwrap_or_default();
        let day = |day| DailyRegistrations { date: Date(day), count: made.get(&day).copied().unwrap_or_default() };
        Ok(period.days().map(day).collect())
    }
}
