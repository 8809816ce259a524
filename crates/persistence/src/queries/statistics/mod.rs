//! Statistics: sums that the database computes, for any number of workshops or centers in one statement.

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
    row_policy::{RowPolicy, at_centers},
};

/// The seats of published workshops that have a capacity.
#[derive(Clone, Copy, Debug, Default, Eq, FromQueryResult, PartialEq)]
pub struct SeatTotals {
    /// Seats taken.
    pub seats_taken: i64,
    /// The sum of the capacities.
    pub capacity: i64,
}

/// Registrations by outcome.
#[derive(Clone, Copy, Debug, Default, Eq, FromQueryResult, PartialEq)]
pub struct RegistrationTotals {
    /// All registrations.
    pub registrations: i64,
    /// Registrations on the waitlist now.
    pub waiting: i64,
    /// Registrations that are or were on the waitlist.
    pub ever_waitlisted: i64,
    /// Registrations that were promoted from the waitlist.
    pub promoted: i64,
    /// Registrations whose guest attended.
    pub attended: i64,
    /// Registrations with a seat whose guest did not attend.
    pub no_shows: i64,
}

const WORKSHOP: TableColumn<workshop::Entity> = (workshop::Entity, workshop::Column::Id);
const STARTS_AT: TableColumn<workshop::Entity> = (workshop::Entity, workshop::Column::StartsAt);
const RUN_WORKSHOP: TableColumn<workshop_center::Entity> =
    (workshop_center::Entity, workshop_center::Column::WorkshopId);
const RUNNING_CENTER: TableColumn<workshop_center::Entity> =
    (workshop_center::Entity, workshop_center::Column::CenterId);
const REGISTERED_TO: TableColumn<registration::Entity> = (registration::Entity, registration::Column::WorkshopId);
const REGISTERED_IN: TableColumn<registration::Entity> = (registration::Entity, registration::Column::CenterId);
const REGISTERED_AT: TableColumn<registration::Entity> = (registration::Entity, registration::Column::RegisteredAt);

const DAY: &str = "day";
const NUMBER: &str = "number";

impl View {
    /// The seats of each scope. With a period: of the workshops whose first session starts on one of its days.
    pub async fn seat_totals(
        &self,
        scopes: &[StatisticsScope],
        period: Option<Period>,
    ) -> Result<HashMap<StatisticsScope, SeatTotals>, StoreError> {
        use workshop::Column::{Capacity, SeatsTaken, Stage as InStage};
        let backend = self.backend();
        let calendar = self.calendar_of(period).await?;
        let sum = |column: workshop::Column| Expr::col((workshop::Entity, column)).sum().if_null(0);
        let mut totals = HashMap::new();
        for group in groups(scopes, WORKSHOP, RUNNING_CENTER) {
            let mut statement = Query::select();
            statement
                .expr_as(sum(SeatsTaken), "seats_taken")
                .expr_as(sum(Capacity), "capacity")
                .from(workshop::Entity)
                .and_where(Capacity.is_not_null().and(InStage.eq(EnumColumn(Stage::Published))));
            let runs = Expr::col(RUN_WORKSHOP).equals(WORKSHOP);
            if group.of_centers {
                statement.join(JoinType::InnerJoin, workshop_center::Entity, runs);
                if let Some(calendar) = &calendar {
                    calendar.restrict(&mut statement, STARTS_AT, RUNNING_CENTER);
                }
            } else if let Some(calendar) = &calendar {
                // In the time zone of any center that runs the workshop, which still counts once.
                let mut at_any_center = Query::select();
                at_any_center.expr(Expr::val(1)).from(workshop_center::Entity).and_where(runs);
                calendar.restrict(&mut at_any_center, STARTS_AT, RUNNING_CENTER);
                statement.and_where(Expr::exists(at_any_center));
            }
            if let GuestVisibility::AtCenters(centers) = self.visibility().registrations() {
                statement.and_where(is_run_by(backend, centers));
            }
            group.restrict(&mut statement, backend);
            for row in self.read.query_all(&statement).await? {
                totals.insert(group.scope_of(&row)?, SeatTotals::from_query_result(&row, "")?);
            }
        }
        Ok(totals)
    }

    /// The registrations of each scope by outcome. With a period: of those made on one of its days.
    pub async fn registration_totals(
        &self,
        scopes: &[StatisticsScope],
        period: Option<Period>,
    ) -> Result<HashMap<StatisticsScope, RegistrationTotals>, StoreError> {
        let calendar = self.calendar_of(period).await?;
        let mut totals = HashMap::new();
        for group in groups(scopes, REGISTERED_TO, REGISTERED_IN) {
            let mut statement = self.visible_registrations(calendar.as_ref());
            group.restrict(&mut statement, self.backend());
            for (name, condition) in total_conditions() {
                statement.expr_as(Expr::cust(format!("COUNT(CASE WHEN {condition} THEN 1 END)")), name);
            }
            for row in self.read.query_all(&statement).await? {
                totals.insert(group.scope_of(&row)?, RegistrationTotals::from_query_result(&row, "")?);
            }
        }
        Ok(totals)
    }

    /// The number of registrations of each scope by the day on which they were made. Days without any are absent.
    pub async fn registrations_per_day(
        &self,
        scopes: &[StatisticsScope],
        period: Period,
    ) -> Result<HashMap<StatisticsScope, HashMap<NaiveDate, i64>>, StoreError> {
        let backend = self.backend();
        let calendar = self.calendar(period).await?;
        let mut counts: HashMap<StatisticsScope, HashMap<NaiveDate, i64>> = HashMap::new();
        for group in groups(scopes, REGISTERED_TO, REGISTERED_IN) {
            let mut statement = self.visible_registrations(Some(&calendar));
            group.restrict(&mut statement, backend);
            statement
                .expr_as(day(backend, REGISTERED_AT), DAY)
                .expr_as(Expr::col(Asterisk).count(), NUMBER)
                .add_group_by([Expr::col(DAY)]);
            for row in self.read.query_all(&statement).await? {
                let number = row.try_get("", NUMBER)?;
                counts.entry(group.scope_of(&row)?).or_default().insert(day_of(row.try_get("", DAY)?)?, number);
            }
        }
        Ok(counts)
    }

    fn visible_registrations(&self, calendar: Option<&Calendar>) -> SelectStatement {
        let mut statement = Query::select();
        statement.from(registration::Entity);
        if let Some(condition) = registration::Entity::visibility_condition(self.visibility(), self.backend()) {
            statement.cond_where(condition);
        }
        if let Some(calendar) = calendar {
            calendar.restrict(&mut statement, REGISTERED_AT, REGISTERED_IN);
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

/// The condition that one of these centers runs the workshop.
fn is_run_by(backend: DbBackend, centers: &BTreeSet<CenterId>) -> Expr {
    let run_by = Query::select()
        .expr(Expr::val(1))
        .from_as(workshop_center::Entity, "run_by")
        .and_where(Expr::col(("run_by", workshop_center::Column::WorkshopId)).equals(WORKSHOP))
        .and_where(at_centers(backend, ("run_by", workshop_center::Column::CenterId), centers))
        .to_owned();
    Expr::exists(run_by)
}

/// The columns of [`RegistrationTotals`], each with the condition on the registrations that it counts.
fn total_conditions() -> [(&'static str, String); 6] {
    use RegistrationStatus::{Cancelled, Closed, NoShow, SignedIn, Waitlisted, WorkshopCancelled};
    let [waiting, attended, no_show, closed] = [Waitlisted, SignedIn, NoShow, Closed].map(|status| status.number());
    let [cancelled, released] = [Cancelled, WorkshopCancelled].map(|status| status.number());
    // Only the journal shows that a cancelled registration was on the waitlist.
    let joined_waitlist = ChangeKind::Waitlisted.number();
    let waited = format!(
        "from_waitlist OR status = {waiting} OR (status IN ({cancelled}, {released}) AND EXISTS (SELECT 1 FROM journal \
         WHERE journal.registration_id = registrations.id AND journal.kind = {joined_waitlist}))"
    );
    [
        ("registrations", "TRUE".to_owned()),
        ("waiting", format!("status = {waiting}")),
        ("ever_waitlisted", waited),
        ("promoted", "from_waitlist".to_owned()),
        ("attended", format!("status = {attended} OR (status = {closed} AND checked_in_at IS NOT NULL)")),
        ("no_shows", format!("status = {no_show} OR (status = {closed} AND checked_in_at IS NULL)")),
    ]
}
