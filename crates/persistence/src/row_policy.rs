//! Row policies: for each table, the condition on the rows that a caller can see.

use std::collections::BTreeSet;

use domain::{
    CenterId,
    access::{GuestVisibility, Visibility},
};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait,
    sea_query::{Expr, ExprTrait, IntoColumnRef, Query},
};

use crate::{
    entities::{center, guest, journal, registration, session, track, workshop, workshop_center},
    rows::{row_decoding::DecodeRow, row_set::one_of},
};

/// An entity whose rows are restricted to the callers who can see them.
#[doc(hidden)]
pub trait RowPolicy: EntityTrait<Model: DecodeRow> {
    /// The condition on visible rows; `None`: all rows are visible.
    fn visibility_condition(visibility: &Visibility, backend: DbBackend) -> Option<Condition>;
}

impl RowPolicy for center::Entity {
    fn visibility_condition(_: &Visibility, _: DbBackend) -> Option<Condition> {
        None
    }
}

impl RowPolicy for workshop::Entity {
    fn visibility_condition(visibility: &Visibility, backend: DbBackend) -> Option<Condition> {
        let centers = visibility.drafts().centers()?;
        let published = Condition::any().add(workshop::Column::PublishedAt.is_not_null());
        if centers.is_empty() {
            return Some(published);
        }
        let run_by_centers = Query::select()
            .column(workshop_center::Column::WorkshopId)
            .from(workshop_center::Entity)
            .and_where(at_centers(backend, workshop_center::Column::CenterId, centers))
            .to_owned();
        Some(published.add(workshop::Column::Id.in_subquery(run_by_centers)))
    }
}

/// Implements [`RowPolicy`] for the parts of a workshop: a part is visible with its workshop.
macro_rules! visible_with_workshop {
    ($($part:ident),+) => {
        $(impl RowPolicy for $part::Entity {
            fn visibility_condition(visibility: &Visibility, backend: DbBackend) -> Option<Condition> {
                let condition = workshop::Entity::visibility_condition(visibility, backend)?;
                let same_workshop = Expr::col((workshop::Entity, workshop::Column::Id))
                    .equals(($part::Entity, $part::Column::WorkshopId));
                let workshop = Query::select()
                    .expr(Expr::val(1))
                    .from(workshop::Entity)
                    .and_where(same_workshop)
                    .cond_where(condition)
                    .to_owned();
                Some(Condition::all().add(Expr::exists(workshop)))
            }
        })+
    };
}
visible_with_workshop!(track, session);

impl RowPolicy for registration::Entity {
    fn visibility_condition(visibility: &Visibility, backend: DbBackend) -> Option<Condition> {
        use registration::Column::{CenterId, GuestId};
        guest_condition(visibility.registrations(), backend, GuestId, CenterId)
    }
}

impl RowPolicy for journal::Entity {
    fn visibility_condition(visibility: &Visibility, backend: DbBackend) -> Option<Condition> {
        use journal::Column::{CenterId, GuestId};
        guest_condition(visibility.registrations(), backend, GuestId, CenterId)
    }
}

impl RowPolicy for guest::Entity {
    fn visibility_condition(visibility: &Visibility, backend: DbBackend) -> Option<Condition> {
        let GuestVisibility::AtCenters(centers) = visibility.guests() else {
            return guest_condition(visibility.guests(), backend, guest::Column::Id, guest::Column::HomeCenterId);
        };
        let registered = Query::select()
            .expr(Expr::val(1))
            .from(registration::Entity)
            .and_where(
                Expr::col((registration::Entity, registration::Column::GuestId))
                    .equals((guest::Entity, guest::Column::Id)),
            )
            .and_where(at_centers(backend, (registration::Entity, registration::Column::CenterId), centers))
            .to_owned();
        let at_home = at_centers(backend, (guest::Entity, guest::Column::HomeCenterId), centers);
        Some(Condition::any().add(at_home).add(Expr::exists(registered)))
    }
}

/// The condition on rows that belong to visible guests.
fn guest_condition(
    visibility: &GuestVisibility,
    backend: DbBackend,
    guest: impl ColumnTrait,
    center: impl ColumnTrait,
) -> Option<Condition> {
    let condition = match visibility {
        GuestVisibility::All => return None,
        GuestVisibility::AtCenters(centers) => at_centers(backend, center.as_column_ref(), centers),
        GuestVisibility::Only(only) => guest.eq(only.uuid()),
        GuestVisibility::None => Expr::val(false),
    };
    Some(Condition::all().add(condition))
}

/// The condition that a column is one of these centers. A single center is compared with `=`, so that an index returns
/// its rows in order.
pub(crate) fn at_centers(backend: DbBackend, column: impl IntoColumnRef, centers: &BTreeSet<CenterId>) -> Expr {
    match centers.first() {
        Some(only) if centers.len() == 1 => Expr::col(column).eq(only.uuid()),
        _ => one_of(backend, column, centers.iter().map(|id| id.uuid())),
    }
}
