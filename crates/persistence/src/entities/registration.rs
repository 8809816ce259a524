//! A guest's registration to a workshop.
#![expect(missing_docs, reason = "a row's columns are described by the migration and, for clients, by the schema")]

use domain::{RegistrationStatus, Timestamp};
use sea_orm::entity::prelude::*;

use crate::Stored;

#[derive(Clone, Debug, DeriveEntityModel, Eq, PartialEq)]
#[sea_orm(table_name = "registrations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workshop_id: Uuid,
    pub track_id: i32,
    pub guest_id: Uuid,
    pub center_id: Uuid,
    pub status: Stored<RegistrationStatus>,
    pub place: Option<i64>,
    pub from_waitlist: bool,
    pub note: Option<String>,
    pub registered_at: Timestamp,
    pub promoted_at: Option<Timestamp>,
    pub checked_in_at: Option<Timestamp>,
    pub cancelled_at: Option<Timestamp>,
    pub cancel_reason: Option<String>,
}

#[derive(Clone, Copy, Debug, DeriveRelation, EnumIter)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
