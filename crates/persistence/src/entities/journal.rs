//! An entry of the journal: ids and states, never personal data.
#![expect(missing_docs, reason = "a row's columns are described by the migration and, for clients, by the schema")]

use domain::{ChangeKind, RegistrationStatus, Timestamp};
use sea_orm::entity::prelude::*;

use crate::Stored;

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
}

#[derive(Clone, Copy, Debug, DeriveRelation, EnumIter)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
