//! The journal: one entry per change of state, written in the transaction that makes the change.

use std::collections::BTreeSet;

use domain::{Actor, CenterId, GuestId, JournalEntryId, Numbered, Timestamp, Transition, WorkshopId};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QuerySelect, Select,
    sea_query::{ArrayType, Expr},
};
use uuid::Uuid;

use crate::{
    entities::journal,
    rows::{
        batched_write::BatchedWrite,
        row_set::{RowSet, column, nullable, one_of},
    },
};

/// A change of state, about to be written.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) workshop: WorkshopId,
    pub(crate) transition: Transition,
    /// Whose registration it is.
    pub(crate) guest: GuestId,
    /// Where it was made.
    pub(crate) center: CenterId,
    pub(crate) actor: Actor,
}

pub(crate) fn append(batched: &mut BatchedWrite, entries: Vec<Entry>, now: Timestamp) {
    let rows = RowSet::of(
        [
            column("id", ArrayType::Uuid),
            column("workshop_id", ArrayType::Uuid),
            column("registration_id", ArrayType::Uuid),
            column("kind", ArrayType::SmallInt),
            nullable("status_before", ArrayType::SmallInt),
            column("status_after", ArrayType::SmallInt),
            column("actor", ArrayType::String),
            column("at", ArrayType::ChronoDateTimeUtc),
            column("center_id", ArrayType::Uuid),
            column("guest_id", ArrayType::Uuid),
        ],
        entries.into_iter().map(|Entry { workshop, transition, guest, center, actor }| {
            [
                JournalEntryId::from_uuid(Uuid::now_v7()).uuid().into(),
                workshop.uuid().into(),
                transition.registration.uuid().into(),
                transition.kind.number().into(),
                transition.before.map(Numbered::number).into(),
                transition.after.number().into(),
                actor.to_string().into(),
                now.into(),
                center.uuid().into(),
                guest.uuid().into(),
            ]
        }),
    );
    let insert = "INSERT INTO journal (id, workshop_id, registration_id, kind, status_before, status_after, actor, at, \
                  center_id, guest_id) SELECT id, workshop_id, registration_id, kind, status_before, status_after, actor, \
                  at, center_id, guest_id FROM rows";
    batched.add("journal entry", rows.len(), rows, insert);
}

/// An entry of one of these workshops, all held, that a reader would see behind what is about to be written; there is
/// none on SQLite. PostgreSQL may number a transaction before it holds the row that it waits for: between two versions of
/// the row somebody younger can come first, also where there is only one.
pub(crate) fn ahead(workshops: &BTreeSet<WorkshopId>) -> Select<journal::Entity> {
    journal::Entity::find()
        .select_only()
        .filter(one_of(DbBackend::Postgres, journal::Column::WorkshopId, workshops.iter().map(|id| id.uuid())))
        .filter(Expr::cust("journal.position > pg_current_xact_id()::text::bigint"))
        .limit(1)
}

/// Lets readers see entries that were written in another cluster and came here in a dump. Transactions are counted anew
/// here, so that those entries would seem to be of transactions to come; all of them come before all that is new.
pub(crate) async fn reset_restored_positions(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared(
            "UPDATE journal SET position = 0 \
             WHERE (SELECT max(position) FROM journal) >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint",
        )
        .await?;
    }
    Ok(())
}
