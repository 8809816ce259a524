//! The states of a workshop at an instant, in SQL. A test compares these conditions with the rules of the domain.

use domain::{RegistrationState, Stage, Timestamp, WorkshopStatus};
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait, Func},
};

use crate::{EnumColumn, entities::workshop::Column, pagination::keyset::instant_or_max};

fn value(column: Column) -> Expr {
    Expr::col(column.as_column_ref())
}

/// The condition that the last session has ended.
pub(super) fn has_ended(now: Timestamp) -> Expr {
    instant_or_max(value(Column::EndsAt)).lte(now)
}

/// The condition that the last session has not ended. An index on the same expression exists.
pub(super) fn has_not_ended(now: Timestamp) -> Expr {
    instant_or_max(value(Column::EndsAt)).gt(now)
}

/// A consequence of [`has_not_ended`]: the workshop started no longer ago than the longest workshop lasts. Two indexes
/// answer it, so a list that is ordered by start does not scan all past workshops. Only PostgreSQL can subtract instants.
pub(super) fn started_recently(now: Timestamp) -> Expr {
    // The bound of 6000 years keeps the result within the range of instants.
    let longest =
        "LEAST(COALESCE((SELECT MAX(ends_at - starts_at) FROM workshops), INTERVAL '0'), INTERVAL '6000 years')";
    instant_or_max(value(Column::StartsAt)).gte(Expr::val(now).cast_as("timestamptz").sub(Expr::cust(longest)))
}

/// The condition of [`domain::Workshop::status`].
pub(super) fn has_status(status: WorkshopStatus, now: Timestamp) -> Condition {
    let stage = |stage| Condition::all().add(Column::Stage.eq(EnumColumn(stage)));
    match status {
        WorkshopStatus::Draft => stage(Stage::Draft),
        WorkshopStatus::Cancelled => stage(Stage::Cancelled),
        WorkshopStatus::Completed => stage(Stage::Published).add(has_ended(now)),
        WorkshopStatus::Published => stage(Stage::Published).add(has_not_ended(now)),
    }
}

/// The condition of [`domain::Workshop::registration_state`].
pub(super) fn has_state(state: RegistrationState, now: Timestamp) -> Condition {
    let published = || has_status(WorkshopStatus::Published, now);
    let opens_at = || value(Column::RegistrationOpensAt);
    let has_opened = || opens_at().is_null().or(opens_at().lte(now));
    let closes_at =
        || instant_or_max(Func::coalesce([value(Column::RegistrationClosesAt), value(Column::StartsAt)]).into());
    let open = || published().add(has_opened()).add(closes_at().gt(now));
    let has_seats = || Column::Capacity.is_null().or(value(Column::SeatsTaken).lt(value(Column::Capacity)));
    let full = || open().add(value(Column::SeatsTaken).gte(value(Column::Capacity)));
    let waitlist_is_full = || value(Column::WaitlistLength).gte(value(Column::WaitlistLimit));
    match state {
        RegistrationState::NotYetOpen => {
            Condition::any().add(has_status(WorkshopStatus::Draft, now)).add(published().add(opens_at().gt(now)))
        }
        RegistrationState::Open => open().add(has_seats()),
        RegistrationState::WaitlistOnly => full()
            .add(Column::WaitlistEnabled.eq(true))
            .add(Column::WaitlistLimit.is_null().or(value(Column::WaitlistLength).lt(value(Column::WaitlistLimit)))),
        RegistrationState::Full => full().add(Column::WaitlistEnabled.eq(false).or(waitlist_is_full())),
        RegistrationState::Closed => Condition::any()
            .add(has_status(WorkshopStatus::Cancelled, now))
            .add(has_status(WorkshopStatus::Completed, now))
            .add(published().add(has_opened()).add(closes_at().lte(now))),
    }
}
