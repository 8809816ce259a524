//! An entry of the journal: ids and states, never personal data.
#![expect(missing_docs, reason = "a row's columns are described by the migration and, for clients, by the schema")]

use domain::{ChangeKind, RegistrationStatus, Timestamp};
use sea_orm::entity::prelude::*;

use crate::{Cursor, Stored, cursor::Key, keyset::List};

#[derive(Clone, Debug, DeriveEntityModel, Eq, PartialEq)]
#[sea_orm(table_name = "journal")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub sequence: i64,
    pub id: Uuid,
    pub workshop_id: Uuid,
    pub registration_id: Option<Uuid>,
    pub kind: Stored<ChangeKind>,
    pub status_before: Option<Stored<RegistrationStatus>>,
    pub status_after: Option<Stored<RegistrationStatus>>,
    pub actor: String,
    pub at: Timestamp,
    pub position: i64,
    pub center_id: Option<Uuid>,
    pub guest_id: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, DeriveRelation, EnumIter)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Where it stands in the journal.
    pub fn cursor(&self) -> Cursor {
        Cursor { list: List::Journal as u8, key: Key::Number(self.position), id: self.id }
    }
}
