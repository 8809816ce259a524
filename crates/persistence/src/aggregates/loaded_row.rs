//! What is read of the batch's workshops and guests once the workshops are held: in one statement, for on PostgreSQL each
//! costs a round trip while others wait.

use domain::{CenterId, GuestId, RegistrationId, RegistrationStatus, Seats, TrackId, WorkshopId};
use sea_orm::{
    ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, QueryTrait, Value,
    sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType},
};
use uuid::Uuid;

use super::{LoadPlan, LockMode};
use crate::{
    EnumColumn, StoreError,
    entities::{guest, registration, track, workshop_center},
    journal,
    rows::row_set::one_of,
};

/// One thing that was found.
pub(super) enum LoadedRow {
    Track(WorkshopId, TrackId, Seats),
    Center(WorkshopId, CenterId),
    /// A guest who exists: once for each live registration at one of the workshops, or once without any.
    Guest(GuestId, Option<(WorkshopId, RegistrationId)>),
    /// Somebody younger has written about one of the workshops: see [`journal::ahead`].
    OrderingConflict,
}

/// A row of the statement: which of its columns have a value depends on what it tells of.
#[derive(FromQueryResult)]
struct Row {
    workshop_id: Option<Uuid>,
    track_id: Option<i32>,
    capacity: Option<i32>,
    seats_taken: Option<i32>,
    center_id: Option<Uuid>,
    guest_id: Option<Uuid>,
    registration_id: Option<Uuid>,
}

/// The columns of a row and their types, in order.
const COLUMNS: [(&str, &str); 7] = [
    ("workshop_id", "uuid"),
    ("track_id", "integer"),
    ("capacity", "integer"),
    ("seats_taken", "integer"),
    ("center_id", "uuid"),
    ("guest_id", "uuid"),
    ("registration_id", "uuid"),
];

pub(super) async fn look_up(
    db: &impl ConnectionTrait,
    plan: &LoadPlan,
    hold: LockMode,
) -> Result<Vec<LoadedRow>, StoreError> {
    let backend = db.get_database_backend();
    let ids = || plan.workshops.iter().map(|id| id.uuid());
    let mut statement = row_of(
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
        row_of(
            centers,
            &[
                ("workshop_id", Expr::col(workshop_center::Column::WorkshopId)),
                ("center_id", Expr::col(workshop_center::Column::CenterId)),
            ],
        ),
    );
    if !plan.guests.is_empty() {
        statement.union(UnionType::All, guests(db, plan));
    }
    if hold == LockMode::ForUpdate && backend == DbBackend::Postgres {
        statement.union(UnionType::All, row_of(journal::ahead(&plan.workshops).into_query(), &[]));
    }
    let rows = Row::find_by_statement(backend.build(&statement)).all(db).await?;
    rows.into_iter().map(LoadedRow::try_from).collect()
}

fn guests(db: &impl ConnectionTrait, plan: &LoadPlan) -> SelectStatement {
    let backend = db.get_database_backend();
    let of = |column: registration::Column| Expr::col((registration::Entity, column));
    let id = || Expr::col((guest::Entity, guest::Column::Id));
    let live =
        of(registration::Column::Status).is_in(RegistrationStatus::LIVE.map(|status| Value::from(EnumColumn(status))));
    let here = one_of(
        backend,
        (registration::Entity, registration::Column::WorkshopId),
        plan.workshops.iter().map(|id| id.uuid()),
    );
    let asked = one_of(backend, (guest::Entity, guest::Column::Id), plan.guests.iter().map(|id| id.uuid()));
    let theirs = of(registration::Column::GuestId).equals((guest::Entity, guest::Column::Id));
    let known = Query::select()
        .from(guest::Entity)
        .join(JoinType::LeftJoin, registration::Entity, theirs.and(here).and(live))
        .and_where(asked)
        .to_owned();
    row_of(
        known,
        &[
            ("guest_id", id()),
            ("workshop_id", of(registration::Column::WorkshopId)),
            ("registration_id", of(registration::Column::Id)),
        ],
    )
}

/// Selects these columns, and nothing in the place of the others.
fn row_of<const N: usize>(mut from: SelectStatement, given: &[(&str, Expr); N]) -> SelectStatement {
    for (name, kind) in COLUMNS {
        let value = given.iter().find(|(given, _)| *given == name).map(|(_, value)| value.clone());
        from.expr_as(value.unwrap_or_else(|| Expr::cust(format!("CAST(NULL AS {kind})"))), name);
    }
    from
}

impl TryFrom<Row> for LoadedRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let workshop = row.workshop_id.map(WorkshopId::from_uuid);
        if let Some(guest) = row.guest_id {
            let registration = row.registration_id.map(RegistrationId::from_uuid);
            return Ok(Self::Guest(GuestId::from_uuid(guest), workshop.zip(registration)));
        }
        match (workshop, row.center_id, row.track_id) {
            (Some(workshop), Some(center), _) => Ok(Self::Center(workshop, CenterId::from_uuid(center))),
            (Some(workshop), None, Some(id)) => {
                let (id, seats) = track::counted(id, row.capacity, row.seats_taken.unwrap_or_default())?;
                Ok(Self::Track(workshop, id, seats))
            }
            _ => Ok(Self::OrderingConflict),
        }
    }
}
