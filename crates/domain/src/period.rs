//! Calendar days, and the day of an instant in the time zone of a center.

use chrono::{Days, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone as _};

use crate::{TimeZone, Timestamp};

/// Consecutive calendar days, from the first to the last, in no particular time zone.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Period {
    first: NaiveDate,
    last: NaiveDate,
}

/// Why two days do not make a [`Period`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("A period has at least one day and at most {} days.", Period::MAX_DAYS)]
pub struct PeriodInvalid;

/// A range of instants in which a time zone has one offset from UTC.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ClockOffset {
    /// The first instant of the range.
    pub from: Timestamp,
    /// The first instant after the range.
    pub until: Timestamp,
    /// The seconds to add to UTC.
    pub seconds: i32,
}

impl Period {
    /// The maximum number of days in a period: a leap year.
    pub const MAX_DAYS: i64 = 366;

    /// The days from the first to the last.
    pub fn new(first: NaiveDate, last: NaiveDate) -> Result<Self, PeriodInvalid> {
        let days = (last - first).num_days() + 1;
        if (1..=Self::MAX_DAYS).contains(&days) { Ok(Self { first, last }) } else { Err(PeriodInvalid) }
    }

    /// The given number of days, which end with `last`.
    pub fn ending_on(last: NaiveDate, days: u64) -> Result<Self, PeriodInvalid> {
        let before = days.checked_sub(1).and_then(|before| last.checked_sub_days(Days::new(before)));
        Self::new(before.ok_or(PeriodInvalid)?, last)
    }

    /// The days in order.
    pub fn days(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let last = self.last;
        self.first.iter_days().take_while(move |day| *day <= last)
    }

    /// Bounds that include every day of the period in every time zone: no offset from UTC reaches 24 hours.
    pub fn utc_bounds(&self) -> (Timestamp, Timestamp) {
        (midnight(self.first) - TimeDelta::days(1), midnight(self.last) + TimeDelta::days(2))
    }

    /// The instants of the period in a time zone, split where the offset from UTC changes. They suffice to compute the
    /// day of each instant.
    pub fn clock_offsets(&self, zone: TimeZone) -> Vec<ClockOffset> {
        let (start, end) = self.utc_bounds();
        let mut offsets = vec![ClockOffset { from: start, until: end, seconds: offset_seconds(zone, start) }];
        let mut at = start;
        while at < end {
            let next = (at + TimeDelta::days(1)).min(end);
            let seconds = offset_seconds(zone, next);
            if let Some(current) = offsets.last_mut()
                && current.seconds != seconds
            {
                let change = offset_change(zone, at, next);
                current.until = change;
                offsets.push(ClockOffset { from: change, until: end, seconds });
            }
            at = next;
        }
        for offset in &mut offsets {
            let off = TimeDelta::seconds(offset.seconds.into());
            offset.from = offset.from.max(midnight(self.first) - off);
            offset.until = offset.until.min(midnight(self.last) + TimeDelta::days(1) - off);
        }
        offsets.retain(|offset| offset.from < offset.until);
        offsets
    }
}

/// The start of a day in UTC.
fn midnight(day: NaiveDate) -> Timestamp {
    day.and_time(NaiveTime::MIN).and_utc()
}

fn offset_seconds(zone: TimeZone, at: Timestamp) -> i32 {
    zone.tz().offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
}

/// The first second with the offset of `end`; the offset changes once between `start` and `end`.
fn offset_change(zone: TimeZone, start: Timestamp, end: Timestamp) -> Timestamp {
    let (mut before, mut after) = (start, end);
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if offset_seconds(zone, middle) == offset_seconds(zone, end) { after = middle } else { before = middle }
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn offsets(first: &str, last: &str, zone: &str) -> Vec<(String, String, i32)> {
        let period = Period::new(day(first), day(last)).unwrap();
        let offsets = period.clock_offsets(TimeZone::parse(zone).unwrap()).into_iter();
        let shown = |at: Timestamp| at.format("%m-%dT%H:%M").to_string();
        offsets.map(|offset| (shown(offset.from), shown(offset.until), offset.seconds)).collect()
    }

    #[test]
    fn a_period_has_one_to_366_days() {
        let of = |first, last| Period::new(day(first), day(last)).map(|period| period.days().count());
        assert_eq!(of("2027-03-01", "2027-03-01"), Ok(1));
        assert_eq!(of("2028-01-01", "2028-12-31"), Ok(366));
        assert_eq!(of("2027-03-01", "2027-02-28"), Err(PeriodInvalid));
        assert_eq!(of("2027-01-01", "2028-01-02"), Err(PeriodInvalid));
        assert_eq!(Period::ending_on(day("2027-03-01"), 30).map(|period| period.first), Ok(day("2027-01-31")));
        assert_eq!(Period::ending_on(day("2027-03-01"), 0), Err(PeriodInvalid));
    }

    #[test]
    fn the_length_of_a_day_depends_on_its_clock_changes() {
        let stretch = |from: &str, until: &str, seconds| (from.to_owned(), until.to_owned(), seconds);
        for (first, last, zone, expected) in [
            ("2027-03-01", "2027-03-02", "Asia/Kolkata", vec![stretch("02-28T18:30", "03-02T18:30", 19_800)]),
            (
                "2027-03-28",
                "2027-03-28",
                "Europe/Berlin",
                vec![stretch("03-27T23:00", "03-28T01:00", 3600), stretch("03-28T01:00", "03-28T22:00", 7200)],
            ),
            // Where the clocks go forward at midnight, a day begins at one o'clock.
            ("2027-09-05", "2027-09-05", "America/Santiago", vec![stretch("09-05T04:00", "09-06T03:00", -10_800)]),
            // Where they go back at midnight, the last hour of a day comes twice.
            (
                "2027-04-03",
                "2027-04-03",
                "America/Santiago",
                vec![stretch("04-03T03:00", "04-04T03:00", -10_800), stretch("04-04T03:00", "04-04T04:00", -14_400)],
            ),
        ] {
            assert_eq!(offsets(first, last, zone), expected, "{zone}");
        }
        assert_eq!(offsets("2027-01-01", "2027-12-31", "America/New_York").len(), 3);
    }
}
