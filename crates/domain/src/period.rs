//! Days of a calendar, and which day an instant is on where the clocks of a center are.

use chrono::{Days, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone as _};

use crate::{TimeZone, Timestamp};

/// Consecutive days, the first and the last included, by whatever clocks they are read.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Period {
    first: NaiveDate,
    last: NaiveDate,
}

/// Why two days do not make a [`Period`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("A period has at least one day and at most {} days.", Period::MOST_DAYS)]
pub struct PeriodInvalid;

/// A stretch of time in which the clocks of a time zone are off UTC by the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ClockOffset {
    /// The first instant.
    pub from: Timestamp,
    /// The first instant that is no longer in it.
    pub until: Timestamp,
    /// Seconds to add to UTC.
    pub seconds: i32,
}

impl Period {
    /// The most days of a period: any year fits.
    pub const MOST_DAYS: i64 = 366;

    /// The days from the first to the last.
    pub fn new(first: NaiveDate, last: NaiveDate) -> Result<Self, PeriodInvalid> {
        let days = (last - first).num_days() + 1;
        if (1..=Self::MOST_DAYS).contains(&days) { Ok(Self { first, last }) } else { Err(PeriodInvalid) }
    }

    /// This many days up to a day, and that day.
    pub fn up_to(last: NaiveDate, days: u64) -> Result<Self, PeriodInvalid> {
        let before = days.checked_sub(1).and_then(|before| last.checked_sub_days(Days::new(before)));
        Self::new(before.ok_or(PeriodInvalid)?, last)
    }

    /// The first day.
    pub fn first(&self) -> NaiveDate {
        self.first
    }

    /// The last day.
    pub fn last(&self) -> NaiveDate {
        self.last
    }

    /// Every day.
    pub fn days(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let last = self.last;
        self.first.iter_days().take_while(move |day| *day <= last)
    }

    /// A stretch of time that has every day of the period in it, wherever its clocks are: none is a day off UTC.
    pub fn anywhere(&self) -> (Timestamp, Timestamp) {
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        (midnight(self.first) - TimeDelta::days(1), midnight(self.last) + TimeDelta::days(2))
    }

    /// How the clocks of a time zone are off UTC [anywhere](Self::anywhere) in the period: what it takes to tell the
    /// day of an instant, also on the days on which clocks are changed.
    pub fn clock_offsets(&self, zone: TimeZone) -> Vec<ClockOffset> {
        let (start, end) = self.anywhere();
        let mut offsets = vec![ClockOffset { from: start, until: end, seconds: seconds_off(zone, start) }];
        let mut at = start;
        while at < end {
            let next = (at + TimeDelta::days(1)).min(end);
            let seconds = seconds_off(zone, next);
            if let Some(current) = offsets.last_mut()
                && current.seconds != seconds
            {
                let change = change_of_clocks(zone, at, next);
                current.until = change;
                offsets.push(ClockOffset { from: change, until: end, seconds });
            }
            at = next;
        }
        offsets
    }
}

fn seconds_off(zone: TimeZone, at: Timestamp) -> i32 {
    zone.rules().offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
}

/// The first second at which clocks are as at the end; they are changed once in between.
fn change_of_clocks(zone: TimeZone, start: Timestamp, end: Timestamp) -> Timestamp {
    let (mut before, mut after) = (start, end);
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if seconds_off(zone, middle) == seconds_off(zone, end) { after = middle } else { before = middle }
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn offsets(first: &str, last: &str, zone: &str) -> Vec<(String, i32)> {
        let period = Period::new(day(first), day(last)).unwrap();
        let offsets = period.clock_offsets(TimeZone::parse(zone).unwrap());
        assert!(offsets.windows(2).all(|pair| pair[0].until == pair[1].from), "{offsets:?}");
        assert_eq!((offsets[0].from, offsets.last().unwrap().until), period.anywhere());
        offsets.iter().map(|offset| (offset.from.to_rfc3339(), offset.seconds)).collect()
    }

    #[test]
    fn a_period_has_one_to_366_days() {
        let of = |first, last| Period::new(day(first), day(last)).map(|period| period.days().count());
        assert_eq!(of("2027-03-01", "2027-03-01"), Ok(1));
        assert_eq!(of("2028-01-01", "2028-12-31"), Ok(366));
        assert_eq!(of("2027-03-01", "2027-02-28"), Err(PeriodInvalid));
        assert_eq!(of("2027-01-01", "2028-01-02"), Err(PeriodInvalid));
        assert_eq!(Period::up_to(day("2027-03-01"), 30).map(|period| period.first()), Ok(day("2027-01-31")));
        assert_eq!(Period::up_to(day("2027-03-01"), 0), Err(PeriodInvalid));
    }

    #[test]
    fn clocks_are_changed_at_their_second() {
        assert_eq!(offsets("2027-03-01", "2027-03-02", "Asia/Kolkata"), [("2027-02-28T00:00:00+00:00".into(), 19_800)]);
        assert_eq!(
            offsets("2027-03-28", "2027-03-28", "Europe/Berlin"),
            [("2027-03-27T00:00:00+00:00".into(), 3600), ("2027-03-28T01:00:00+00:00".into(), 7200)]
        );
        // Where the clocks go forward at midnight, a day begins at one o'clock.
        assert_eq!(
            offsets("2027-09-05", "2027-09-05", "America/Santiago")[1],
            ("2027-09-05T04:00:00+00:00".into(), -10_800)
        );
        assert_eq!(offsets("2027-01-01", "2027-12-31", "America/New_York").len(), 3);
    }
}
