//! What the rules say of a workshop at an instant, in SQL: a test holds the two against each other.

use domain::{RegistrationState, Stage, Timestamp, WorkshopStatus};
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait, Func},
};

use crate::{EnumColumn, entities::workshop::Column, pagination::keyset::or_never};

fn value(column: Column) -> Expr {
    Expr::col(column.as_column_ref())
}

/// It is over, as far as its sessions say.
pub(super) fn has_ended(now: Timestamp) -> Expr {
    or_never(value(Column::EndsAt)).lte(now)
}

/// It is not over. An index has this very expression.
pub(super) fn goes_on(now: Timestamp) -> Expr {
    or_never(value(Column::EndsAt)).gt(now)
}

/// What follows from [`goes_on`]: it did not begin longer ago than the longest workshop lasts. Two indexes know that, so that
/// who reads by the start does not come through all that was ever over. Only PostgreSQL can subtract instants.
pub(super) fn began_lately(now: Timestamp) -> Expr {
    // Before the first year of all there is no beginning, and soon afterwards no instant.
    let longest =
        "LEAST(COALESCE((SELECT MAX(ends_at - starts_at) FROM workshops), INTERVAL '0'), INTERVAL '6000 years')";
    or_never(value(Column::StartsAt)).gte(Expr::val(now).cast_as("timestamptz").sub(Expr::cust(longest)))
}

/// [`domain::Workshop::status`].
pub(super) fn has_status(status: WorkshopStatus, now: Timestamp) -> Condition {
    let stage = |stage| Condition::all().add(Column::Stage.eq(EnumColumn(stage)));
    match status {
        WorkshopStatus::Draft => stage(Stage::Draft),
        WorkshopStatus::Cancelled => stage(Stage::Cancelled),
        WorkshopStatus::Completed => stage(Stage::Published).add(has_ended(now)),
        WorkshopStatus::Published => stage(Stage::Published).add(goes_on(now)),
    }
}

/// [`domain::Workshop::registration_state`].
pub(super) fn has_state(state: RegistrationState, now: Timestamp) -> Condition {
    let published = || has_status(WorkshopStatus::Published, now);
    let opens_at = || value(Column::RegistrationOpensAt);
    let has_opened = || opens_at().is_null().or(opens_at().lte(now));
    let closes_at = || or_never(Func::coalesce([value(Column::RegistrationClosesAt), value(Column::StartsAt)]).into());
    let open = || published().add(has_opened()).add(closes_at().gt(now));
    let has_room = || Column::Capacity.is_null().or(value(Column::SeatsTaken).lt(value(Column::Capacity)));
    let full = || open().add(value(Column::SeatsTaken).gte(value(Column::Capacity)));
    let line_has_end = || value(Column::WaitlistLength).gte(value(Column::WaitlistLimit));
    match state {
        RegistrationState::NotYetOpen => {
            Condition::any().add(has_status(WorkshopStatus::Draft, now)).add(published().add(opens_at().gt(now)))
        }
        RegistrationState::Open => open().add(has_room()),
        RegistrationState::WaitlistOnly => full()
            .add(Column::WaitlistEnabled.eq(true))
            .add(Column::WaitlistLimit.is_null().or(value(Column::WaitlistLength).lt(value(Column::WaitlistLimit)))),
        RegistrationState::Full => full().add(Column::WaitlistEnabled.eq(false).or(line_has_end())),
        RegistrationState::Closed => Condition::any()
            .add(has_status(WorkshopStatus::Cancelled, now))
            .add(has_status(WorkshopStatus::Completed, now))
            .add(published().add(has_opened()).add(closes_at().lte(now))),
    }
}
