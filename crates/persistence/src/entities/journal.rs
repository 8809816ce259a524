//! An entry of the journal: ids and states, never personal data.
#![expect(missing_docs, reason = "a row's columns are described by the migration and, for clients, by the schema")]

use domain::{ChangeKind, RegistrationStatus, Timestamp};
use sea_orm::entity::prelude::*;

use crate::{
    Cursor, EnumColumn,
    pagination::{cursor::CursorKey, keyset::List},
};

#[derive(Clone, Debug, DeriveEntityModel, Eq, PartialEq)]
#[sea_orm(table_name = "journal")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub sequence: i64,
    pub id: Uuid,
    pub workshop_id: Uuid,
    pub registration_id: Option<Uuid>,
    pub kind: EnumColumn<ChangeKind>,
    pub status_before: Option<EnumColumn<RegistrationStatus>>,
    pub status_after: Option<EnumColumn<RegistrationStatus>>,
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
    /// The position of this entry in the journal.
    pub fn cursor(&self) -> Cursor {
        Cursor { list: List::Journal as u8, key: CursorKey::Number(self.position), id: self.id }
    }
}
