//! Numbers for a dashboard: sums that the database makes, for any number of workshops or centers in one statement.

mod scope;

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use domain::{CenterId, ChangeKind, Numbered, Period, RegistrationStatus, Stage, access::GuestVisibility};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, FromQueryResult,
    sea_query::{Asterisk, Expr, ExprTrait, JoinType, Query, SelectStatement},
};

pub use scope::StatisticsScope;
use scope::{Calendar, TableColumn, day, day_of, groups};

use crate::{
    EnumColumn, StoreError, View,
    entities::{registration, workshop, workshop_center},
    view::{Guarded, at},
};

/// The seats of published workshops that have a capacity.
#[derive(Clone, Copy, Debug, Default, Eq, FromQueryResult, PartialEq)]
pub struct SeatTotals {
    /// Seats that somebody holds.
    pub seats_taken: i64,
    /// Seats in all.
    pub capacity: i64,
}

/// What became of registrations.
#[derive(Clone, Copy, Debug, Default, Eq, FromQueryResult, PartialEq)]
pub struct RegistrationTotals {
    /// All of them.
    pub registrations: i64,
    /// Those in line now.
    pub waiting: i64,
    /// Those that are, or once were, in line.
    pub ever_waitlisted: i64,
    /// Those that got their seat from the line.
    pub promoted: i64,
    /// Those whose guest came.
    pub attended: i64,
    /// Those whose guest held a seat and did not come.
    pub no_shows: i64,
}

const WORKSHOP: TableColumn<workshop::Entity> = (workshop::Entity, workshop::Column::Id);
const STARTS_AT: TableColumn<workshop::Entity> = (workshop::Entity, workshop::Column::StartsAt);
const RUN: TableColumn<workshop_center::Entity> = (workshop_center::Entity, workshop_center::Column::WorkshopId);
const RUNS_IT: TableColumn<workshop_center::Entity> = (workshop_center::Entity, workshop_center::Column::CenterId);
const REGISTERED_TO: TableColumn<registration::Entity> = (registration::Entity, registration::Column::WorkshopId);
const REGISTERED_IN: TableColumn<registration::Entity> = (registration::Entity, registration::Column::CenterId);
const REGISTERED_AT: TableColumn<registration::Entity> = (registration::Entity, registration::Column::RegisteredAt);

const DAY: &str = "day";
const NUMBER: &str = "number";

impl View {
    /// The seats of each scope; in a period those of the workshops whose first session starts on one of its days.
    pub async fn seat_totals(
        &self,
        scopes: &[StatisticsScope],
        period: Option<Period>,
    ) -> Result<HashMap<StatisticsScope, SeatTotals>, StoreError> {
        use workshop::Column::{Capacity, SeatsTaken, Stage as InStage};
        let backend = self.backend();
        let calendar = self.calendar_of(period).await?;
        let sum = |column: workshop::Column| Expr::col((workshop::Entity, column)).sum().if_null(0);
        let mut found = HashMap::new();
        for group in groups(scopes, WORKSHOP, RUNS_IT) {
            let mut statement = Query::select();
            statement
                .expr_as(sum(SeatsTaken), "seats_taken")
                .expr_as(sum(Capacity), "capacity")
                .from(workshop::Entity)
                .and_where(Capacity.is_not_null().and(InStage.eq(EnumColumn(Stage::Published))));
            let runs = Expr::col(RUN).equals(WORKSHOP);
            if group.of_centers {
                statement.join(JoinType::InnerJoin, workshop_center::Entity, runs);
                if let Some(calendar) = &calendar {
                    calendar.narrow(&mut statement, STARTS_AT, RUNS_IT);
                }
            } else if let Some(calendar) = &calendar {
                // By the clock of any center that runs it, and counted once all the same.
                let mut somewhere = Query::select();
                somewhere.expr(Expr::val(1)).from(workshop_center::Entity).and_where(runs);
                calendar.narrow(&mut somewhere, STARTS_AT, RUNS_IT);
                statement.and_where(Expr::exists(somewhere));
            }
            if let GuestVisibility::AtCenters(centers) = self.visibility().registrations() {
                statement.and_where(is_run_by(backend, centers));
            }
            group.narrow(&mut statement, backend);
            for row in self.read.query_all(&statement).await? {
                found.insert(group.scope_of(&row)?, SeatTotals::from_query_result(&row, "")?);
            }
        }
        Ok(found)
    }

    /// What became of the registrations of each scope; in a period of those that were made on one of its days.
    pub async fn registration_totals(
        &self,
        scopes: &[StatisticsScope],
        period: Option<Period>,
    ) -> Result<HashMap<StatisticsScope, RegistrationTotals>, StoreError> {
        let calendar = self.calendar_of(period).await?;
        let mut found = HashMap::new();
        for group in groups(scopes, REGISTERED_TO, REGISTERED_IN) {
            let mut statement = self.registrations_of(calendar.as_ref());
            group.narrow(&mut statement, self.backend());
            for (name, condition) in kinds() {
                statement.expr_as(Expr::cust(format!("COUNT(CASE WHEN {condition} THEN 1 END)")), name);
            }
            for row in self.read.query_all(&statement).await? {
                found.insert(group.scope_of(&row)?, RegistrationTotals::from_query_result(&row, "")?);
            }
        }
        Ok(found)
    }

    /// How many registrations of each scope were made on each day of a period; days without any are not in the answer.
    pub async fn registrations_per_day(
        &self,
        scopes: &[StatisticsScope],
        period: Period,
    ) -> Result<HashMap<StatisticsScope, HashMap<NaiveDate, i64>>, StoreError> {
        let backend = self.backend();
        let calendar = self.calendar(period).await?;
        let mut found: HashMap<StatisticsScope, HashMap<NaiveDate, i64>> = HashMap::new();
        for group in groups(scopes, REGISTERED_TO, REGISTERED_IN) {
            let mut statement = self.registrations_of(Some(&calendar));
            group.narrow(&mut statement, backend);
            statement
                .expr_as(day(backend, REGISTERED_AT), DAY)
                .expr_as(Expr::col(Asterisk).count(), NUMBER)
                .add_group_by([Expr::col(DAY)]);
            for row in self.read.query_all(&statement).await? {
                let number = row.try_get("", NUMBER)?;
                found.entry(group.scope_of(&row)?).or_default().insert(day_of(row.try_get("", DAY)?)?, number);
            }
        }
        Ok(found)
    }

    /// Those registrations that are seen.
    fn registrations_of(&self, calendar: Option<&Calendar>) -> SelectStatement {
        let mut statement = Query::select();
        statement.from(registration::Entity);
        if let Some(which) = registration::Entity::seen(self.visibility(), self.backend()) {
            statement.cond_where(which);
        }
        if let Some(calendar) = calendar {
            calendar.narrow(&mut statement, REGISTERED_AT, REGISTERED_IN);
        }
        statement
    }

    async fn calendar_of(&self, period: Option<Period>) -> Result<Option<Calendar>, StoreError> {
        match period {
            Some(period) => Ok(Some(self.calendar(period).await?)),
            None => Ok(None),
        }
    }
}

/// A workshop that one of these centers runs.
fn is_run_by(backend: DbBackend, centers: &BTreeSet<CenterId>) -> Expr {
    let theirs = Query::select()
        .expr(Expr::val(1))
        .from_as(workshop_center::Entity, "run_by_us")
        .and_where(Expr::col(("run_by_us", workshop_center::Column::WorkshopId)).equals(WORKSHOP))
        .and_where(at(backend, ("run_by_us", workshop_center::Column::CenterId), centers))
        .to_owned();
    Expr::exists(theirs)
}

/// What a registration is counted as.
fn kinds() -> [(&'static str, String); 6] {
    use RegistrationStatus::{Cancelled, Closed, NoShow, SignedIn, Waitlisted, WorkshopCancelled};
    let [waiting, came, not, closed] = [Waitlisted, SignedIn, NoShow, Closed].map(|status| status.number());
    let [cancelled, released] = [Cancelled, WorkshopCancelled].map(|status| status.number());
    // Who gave up while waiting has no trace of it but in the journal.
    let joined_line = ChangeKind::Waitlisted.number();
    let waited = format!(
        "from_waitlist OR status = {waiting} OR (status IN ({cancelled}, {released}) AND EXISTS (SELECT 1 FROM journal \
         WHERE journal.registration_id = registrations.id AND journal.kind = {joined_line}))"
    );
    [
        ("registrations", "TRUE".to_owned()),
        ("waiting", format!("status = {waiting}")),
        ("ever_waitlisted", waited),
        ("promoted", "from_waitlist".to_owned()),
        ("attended", format!("status = {came} OR (status = {closed} AND checked_in_at IS NOT NULL)")),
        ("no_shows", format!("status = {not} OR (status = {closed} AND checked_in_at IS NULL)")),
    ]
}
