//! What lists can be narrowed to by time.

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

/// From an instant on, until just before another one. An end that is `None` is open.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct InstantRange {
    /// The first instant.
    pub from: Option<Timestamp>,
    /// The first instant behind.
    pub until: Option<Timestamp>,
}

/// From one day to another, both of them included, by the clocks of where something takes place.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct DateRange {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

impl InstantRange {
    /// The instant in this column is in it.
    pub(super) fn holds(self, instant: impl ColumnTrait) -> Condition {
        Condition::all()
            .add_option(self.from.map(|from| instant.gte(from)))
            .add_option(self.until.map(|until| instant.lt(until)))
    }

    /// The instant is in it.
    pub(super) fn has(self, instant: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= instant) && self.until.is_none_or(|until| instant < until)
    }

    /// Something of a session goes on in it.
    fn meets_session(self) -> Condition {
        let is_empty = self.from.zip(self.until).is_some_and(|(from, until)| until <= from);
        Condition::all()
            .add_option(self.from.map(|from| session::Column::EndsAt.gt(from)))
            .add_option(self.until.map(|until| session::Column::StartsAt.lt(until)))
            .add_option(is_empty.then(|| Expr::val(false)))
    }

    /// The workshops that have a session which goes on in it.
    pub(super) fn workshops(self) -> SelectStatement {
        workshops_with(self.meets_session())
    }
}

impl DateRange {
    /// The workshops that have a session which goes on on one of these days.
    pub(super) async fn workshops(self, view: &View) -> Result<SelectStatement, StoreError> {
        let mut zones = BTreeMap::<_, Vec<_>>::new();
        for (name, zone) in view.time_zones().await? {
            let end = self.to.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
            let (from, until) = (zone.start_of_day(self.from), zone.start_of_day(end));
            // Many places share their clocks.
            zones.entry((from, until)).or_default().push(name);
        }
        let whole = InstantRange {
            from: zones.keys().map(|(from, _)| *from).min(),
            until: zones.keys().map(|(_, until)| *until).max(),
        };
        let in_one = zones.into_iter().map(|((from, until), names)| {
            let there = center::Column::TimeZone.is_in(names);
            InstantRange { from: Some(from), until: Some(until) }.meets_session().add(there)
        });
        let in_one = in_one.fold(Condition::any().add(Expr::val(false)), Condition::add);
        // All of it, too: that is what the index knows.
        let mut workshops = workshops_with(whole.meets_session().add(in_one));
        let where_it_is = (center::Entity, center::Column::Id);
        let takes_place = Expr::col((session::Entity, session::Column::CenterId)).equals(where_it_is);
        Ok(workshops.join(JoinType::InnerJoin, center::Entity, takes_place).to_owned())
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
    /// All time zones in which there are centers.
    pub(super) async fn time_zones(&self) -> Result<Vec<(String, TimeZone)>, StoreError> {
        let zones = center::Entity::find().select_only().column(center::Column::TimeZone).distinct();
        let names: Vec<String> = zones.into_tuple().all(&self.read).await?;
        let read = |name: String| match TimeZone::parse(&name) {
            Ok(zone) => Ok((name, zone)),
            Err(error) => Err(StoreError::Corrupt { what: "a time zone", why: format!("{name}: {error}") }),
        };
        names.into_iter().map(read).collect()
    }
}
