//! The journal: one entry per change of state, written in the transaction that makes the change.

use domain::{Actor, ChangeKind, JournalEntryId, Numbered, RegistrationId, RegistrationStatus, Timestamp, WorkshopId};
use sea_orm::{ConnectionTrait, sea_query::ArrayType};
use uuid::Uuid;

use crate::{StoreError, fault::ensure_rows, rows::Rows};

/// A change of state, about to be written.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) workshop: WorkshopId,
    pub(crate) registration: RegistrationId,
    pub(crate) kind: ChangeKind,
    pub(crate) before: Option<RegistrationStatus>,
    pub(crate) after: RegistrationStatus,
    pub(crate) actor: Actor,
    pub(crate) at: Timestamp,
}

/// Stands for "there was none before" in an array that cannot hold nulls; no status has this number.
const NO_STATUS: i16 = -1;

pub(crate) async fn append(db: &impl ConnectionTrait, entries: Vec<Entry>) -> Result<(), StoreError> {
    let rows = Rows::of(
        [
            ("id", ArrayType::Uuid),
            ("workshop_id", ArrayType::Uuid),
            ("registration_id", ArrayType::Uuid),
            ("kind", ArrayType::SmallInt),
            ("status_before", ArrayType::SmallInt),
            ("status_after", ArrayType::SmallInt),
            ("actor", ArrayType::String),
            ("at", ArrayType::ChronoDateTimeUtc),
        ],
        entries.into_iter().map(|entry| {
            [
                JournalEntryId::from_uuid(Uuid::now_v7()).uuid().into(),
                entry.workshop.uuid().into(),
                entry.registration.uuid().into(),
                entry.kind.number().into(),
                entry.before.map_or(NO_STATUS, Numbered::number).into(),
                entry.after.number().into(),
                entry.actor.to_string().into(),
                entry.at.into(),
            ]
        }),
    );
    let count = rows.len();
    let written = rows
        .execute(
            db,
            "INSERT INTO journal (id, workshop_id, registration_id, kind, status_before, status_after, actor, at) \
             SELECT id, workshop_id, registration_id, kind, NULLIF(status_before, -1), status_after, actor, at FROM rows",
        )
        .await?;
    ensure_rows("journal entry", count, written)
}
