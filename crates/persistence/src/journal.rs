//! The journal: one entry per change of state, written in the transaction that makes the change.

use domain::{Actor, JournalEntryId, Numbered, Timestamp, Transition, WorkshopId};
use sea_orm::{ConnectionTrait, sea_query::ArrayType};
use uuid::Uuid;

use crate::{
    StoreError,
    fault::ensure_rows,
    rows::{Rows, column, nullable},
};

/// A change of state, about to be written.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) workshop: WorkshopId,
    pub(crate) transition: Transition,
    pub(crate) actor: Actor,
}

pub(crate) async fn append(db: &impl ConnectionTrait, entries: Vec<Entry>, now: Timestamp) -> Result<(), StoreError> {
    let rows = Rows::of(
        [
            column("id", ArrayType::Uuid),
            column("workshop_id", ArrayType::Uuid),
            column("registration_id", ArrayType::Uuid),
            column("kind", ArrayType::SmallInt),
            nullable("status_before", ArrayType::SmallInt),
            column("status_after", ArrayType::SmallInt),
            column("actor", ArrayType::String),
            column("at", ArrayType::ChronoDateTimeUtc),
        ],
        entries.into_iter().map(|Entry { workshop, transition, actor }| {
            [
                JournalEntryId::from_uuid(Uuid::now_v7()).uuid().into(),
                workshop.uuid().into(),
                transition.registration.uuid().into(),
                transition.kind.number().into(),
                transition.before.map(Numbered::number).into(),
                transition.after.number().into(),
                actor.to_string().into(),
                now.into(),
            ]
        }),
    );
    let count = rows.len();
    let written = rows
        .execute(
            db,
            "INSERT INTO journal (id, workshop_id, registration_id, kind, status_before, status_after, actor, at) \
             SELECT id, workshop_id, registration_id, kind, status_before, status_after, actor, at FROM rows",
        )
        .await?;
    ensure_rows("journal entry", count, written)
}
