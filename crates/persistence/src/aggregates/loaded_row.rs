//! The rows of the batch's workshops and guests that are loaded after the workshops are locked. One statement loads all,
//! because on PostgreSQL each statement costs a round trip while other transactions wait.

use std::collections::BTreeSet;

use domain::{CenterId, GuestId, RegistrationId, RegistrationStatus, Seats, TrackId, WorkshopId};
use sea_orm::{
    ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, QueryTrait, Value,
    sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType},
};
use uuid::Uuid;

use super::LoadPlan;
use crate::{
    EnumColumn, StoreError,
    database::row_lock::LockMode,
    entities::{guest, registration, track, workshop, workshop_center},
    journal,
    rows::row_set::one_of,
};

/// One loaded fact.
pub(super) enum LoadedRow {
    Track(WorkshopId, TrackId, Seats),
    Center(WorkshopId, CenterId),
    /// An existing guest: once for each live registration at one of the workshops, or once without any.
    Guest(GuestId, Option<(WorkshopId, RegistrationId)>),
    /// A workshop that exists although it was not locked: another transaction holds it.
    Held(WorkshopId),
    /// A younger transaction has written about one of the workshops: see [`journal::newer_entry`].
    OrderingConflict,
}

/// A row of the statement. Which columns have a value depends on the kind of row.
#[derive(FromQueryResult)]
struct UnionRow {
    workshop_id: Option<Uuid>,
    track_id: Option<i32>,
    capacity: Option<i32>,
    seats_taken: Option<i32>,
    center_id: Option<Uuid>,
    guest_id: Option<Uuid>,
    registration_id: Option<Uuid>,
}

/// The columns of a [`UnionRow`] and their types, in order.
const COLUMNS: [(&str, &str); 7] = [
    ("workshop_id", "uuid"),
    ("track_id", "integer"),
    ("capacity", "integer"),
    ("seats_taken", "integer"),
    ("center_id", "uuid"),
    ("guest_id", "uuid"),
    ("registration_id", "uuid"),
];

/// Loads the rows of these workshops, and the guests of a plan. The missing workshops do not exist, or are held.
pub(super) async fn load_rows(
    db: &impl ConnectionTrait,
    workshops: &BTreeSet<WorkshopId>,
    missing: &BTreeSet<WorkshopId>,
    plan: &LoadPlan,
    lock_mode: LockMode,
) -> Result<Vec<LoadedRow>, StoreError> {
    let backend = db.get_database_backend();
    let ids = || workshops.iter().map(|id| id.uuid());
    let mut statement = select_columns(
        track::Entity::find().select_only().filter(one_of(backend, track::Column::WorkshopId, ids())).into_query(),
        &[
            ("workshop_id", Expr::col(track::Column::WorkshopId)),
            ("track_id", Expr::col(track::Column::Id)),
            ("capacity", Expr::col(track::Column::Capacity)),
            ("seats_taken", Expr::col(track::Column::SeatsTaken)),
        ],
    );
    let centers = workshop_center::Entity::find()
        .select_only()
        .filter(one_of(backend, workshop_center::Column::WorkshopId, ids()))
        .into_query();
    statement.union(
        UnionType::All,
        select_columns(
            centers,
            &[
                ("workshop_id", Expr::col(workshop_center::Column::WorkshopId)),
                ("center_id", Expr::col(workshop_center::Column::CenterId)),
            ],
        ),
    );
    if !plan.guests.is_empty() {
        statement.union(UnionType::All, guests(backend, workshops, plan));
    }
    if lock_mode == LockMode::SkipHeld && !missing.is_empty() {
        let held = workshop::Entity::find()
            .select_only()
            .filter(one_of(backend, workshop::Column::Id, missing.iter().map(|id| id.uuid())))
            .into_query();
        statement.union(UnionType::All, select_columns(held, &[("workshop_id", Expr::col(workshop::Column::Id))]));
    }
    if lock_mode != LockMode::None && backend == DbBackend::Postgres {
        statement.union(UnionType::All, select_columns(journal::newer_entry(workshops).into_query(), &[]));
    }
    let rows = UnionRow::find_by_statement(backend.build(&statement)).all(db).await?;
    rows.into_iter().map(LoadedRow::try_from).collect()
}

fn guests(backend: DbBackend, workshops: &BTreeSet<WorkshopId>, plan: &LoadPlan) -> SelectStatement {
    let of = |column: registration::Column| Expr::col((registration::Entity, column));
    let id = || Expr::col((guest::Entity, guest::Column::Id));
    let live =
        of(registration::Column::Status).is_in(RegistrationStatus::LIVE.map(|status| Value::from(EnumColumn(status))));
    let at_workshops =
        one_of(backend, (registration::Entity, registration::Column::WorkshopId), workshops.iter().map(|id| id.uuid()));
    let requested = one_of(backend, (guest::Entity, guest::Column::Id), plan.guests.iter().map(|id| id.uuid()));
    let same_guest = of(registration::Column::GuestId).equals((guest::Entity, guest::Column::Id));
    let existing = Query::select()
        .from(guest::Entity)
        .join(JoinType::LeftJoin, registration::Entity, same_guest.and(at_workshops).and(live))
        .and_where(requested)
        .to_owned();
    select_columns(
        existing,
        &[
            ("guest_id", id()),
            ("workshop_id", of(registration::Column::WorkshopId)),
            ("registration_id", of(registration::Column::Id)),
        ],
    )
}

/// Selects the given columns, and null for the other columns of a [`UnionRow`].
fn select_columns<const N: usize>(mut from: SelectStatement, given: &[(&str, Expr); N]) -> SelectStatement {
    for (name, kind) in COLUMNS {
        let value = given.iter().find(|(given, _)| *given == name).map(|(_, value)| value.clone());
        from.expr_as(value.unwrap_or_else(|| Expr::cust(format!("CAST(NULL AS {kind})"))), name);
    }
    from
}

impl TryFrom<UnionRow> for LoadedRow {
    type Error = StoreError;

    fn try_from(row: UnionRow) -> Result<Self, StoreError> {
        let workshop = row.workshop_id.map(WorkshopId::from_uuid);
        if let Some(guest) = row.guest_id {
            let registration = row.registration_id.map(RegistrationId::from_uuid);
            return Ok(Self::Guest(GuestId::from_uuid(guest), workshop.zip(registration)));
        }
        match (workshop, row.center_id, row.track_id) {
            (Some(workshop), Some(center), _) => Ok(Self::Center(workshop, CenterId::from_uuid(center))),
            (Some(workshop), None, Some(id)) => {
                let (id, seats) = track::id_and_seats(id, row.capacity, row.seats_taken.unwrap_or_default())?;
                Ok(Self::Track(workshop, id, seats))
            }
            (Some(workshop), None, None) => Ok(Self::Held(workshop)),
            (None, ..) => Ok(Self::OrderingConflict),
        }
    }
}
