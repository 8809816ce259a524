//! The journal: one entry per change of state, written in the transaction that makes the change.

use std::{collections::BTreeSet, sync::LazyLock};

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
        row_set::{Column, RowSet, column, insert_statement, nullable, one_of},
    },
};

/// A journal entry to insert.
#[derive(Clone, Debug)]
pub(crate) struct NewEntry {
    pub(crate) workshop: WorkshopId,
    pub(crate) transition: Transition,
    /// The guest of the registration.
    pub(crate) guest: GuestId,
    /// The center of the registration.
    pub(crate) center: CenterId,
    pub(crate) actor: Actor,
}

static COLUMNS: [Column; 10] = [
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
];
static INSERT: LazyLock<String> = LazyLock::new(|| insert_statement("journal", &COLUMNS, &[]));

pub(crate) fn append(batched: &mut BatchedWrite, entries: Vec<NewEntry>, now: Timestamp) {
    let rows = RowSet::new(
        &COLUMNS,
        entries.into_iter().map(|NewEntry { workshop, transition, guest, center, actor }| {
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
    batched.add("journal entry", rows.len(), rows, &INSERT);
}

/// A query for an entry of these locked workshops that readers would see after the entries about to be written. On SQLite
/// no such entry exists. PostgreSQL can number a transaction before it gets the row lock that it waits for, so a younger
/// transaction can come first, even for a single workshop.
pub(crate) fn newer_entry(workshops: &BTreeSet<WorkshopId>) -> Select<journal::Entity> {
    journal::Entity::find()
        .select_only()
        .filter(one_of(DbBackend::Postgres, journal::Column::WorkshopId, workshops.iter().map(|id| id.uuid())))
        .filter(Expr::cust("journal.position > pg_current_xact_id()::text::bigint"))
        .limit(1)
}

/// Makes entries readable that were written on another PostgreSQL cluster and restored from a dump. The new cluster counts
/// transactions from the start, so those entries seem to belong to future transactions. They all precede new entries.
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
