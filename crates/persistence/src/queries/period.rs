//! Ranges of time that restrict lists.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use domain::{TimeZone, Timestamp};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, SelectStatement},
};

use crate::{
    StoreError, View,
    entities::{center, session},
};

/// A range of instants, from `from` (inclusive) to `until` (exclusive). `None`: unbounded.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct InstantRange {
    /// The first instant.
    pub from: Option<Timestamp>,
    /// The first instant after the range.
    pub until: Option<Timestamp>,
}

/// A range of dates, both inclusive, in the time zone of the place.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct DateRange {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

impl InstantRange {
    /// The condition that the instant in this column is in the range.
    pub(super) fn contains_column(self, instant: impl ColumnTrait) -> Condition {
        Condition::all()
            .add_option(self.from.map(|from| instant.gte(from)))
            .add_option(self.until.map(|until| instant.lt(until)))
    }

    /// Whether the instant is in the range.
    pub(super) fn contains(self, instant: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= instant) && self.until.is_none_or(|until| instant < until)
    }

    /// The condition that a session overlaps the range.
    fn overlaps_session(self) -> Condition {
        let is_empty = self.from.zip(self.until).is_some_and(|(from, until)| until <= from);
        Condition::all()
            .add_option(self.from.map(|from| session::Column::EndsAt.gt(from)))
            .add_option(self.until.map(|until| session::Column::StartsAt.lt(until)))
            .add_option(is_empty.then(|| Expr::val(false)))
    }

    /// A query for the ids of the workshops with a session that overlaps the range.
    pub(super) fn workshops(self) -> SelectStatement {
        workshops_with(self.overlaps_session())
    }
}

impl DateRange {
    /// A query for the ids of the workshops with a session on one of these days.
    pub(super) async fn workshops(self, view: &View) -> Result<SelectStatement, StoreError> {
        let mut zones = BTreeMap::<_, Vec<_>>::new();
        for (name, zone) in view.time_zones().await? {
            let end = self.to.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
            let (from, until) = (zone.start_of_day(self.from), zone.start_of_day(end));
            // Many time zones share the same instants.
            zones.entry((from, until)).or_default().push(name);
        }
        let whole = InstantRange {
            from: zones.keys().map(|(from, _)| *from).min(),
            until: zones.keys().map(|(_, until)| *until).max(),
        };
        let in_zones = zones.into_iter().map(|((from, until), names)| {
            let in_zone = center::Column::TimeZone.is_in(names);
            InstantRange { from: Some(from), until: Some(until) }.overlaps_session().add(in_zone)
        });
        let in_any_zone = in_zones.fold(Condition::any().add(Expr::val(false)), Condition::add);
        // The whole range is redundant, but an index can use it.
        let mut workshops = workshops_with(whole.overlaps_session().add(in_any_zone));
        let center_id = (center::Entity, center::Column::Id);
        let takes_place_at = Expr::col((session::Entity, session::Column::CenterId)).equals(center_id);
        Ok(workshops.join(JoinType::InnerJoin, center::Entity, takes_place_at).to_owned())
    }
}

fn workshops_with(session: Condition) -> SelectStatement {
    session::Entity::find()
        .select_only()
        .column(session::Column::WorkshopId)
        .filter(session::Column::CancelledAt.is_null())
        .filter(session)
        .into_query()
}

impl View {
    /// The time zones of all centers.
    pub(super) async fn time_zones(&self) -> Result<Vec<(String, TimeZone)>, StoreError> {
        let zones = center::Entity::find().select_only().column(center::Column::TimeZone).distinct();
        let names: Vec<String> = zones.into_tuple().all(&self.read).await?;
        let read = |name: String| match TimeZone::parse(&name) {
            Ok(zone) => Ok((name, zone)),
            Err(error) => Err(StoreError::corrupt("a time zone", format!("{name}: {error}"))),
        };
        names.into_iter().map(read).collect()
    }
}
