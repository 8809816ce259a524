//! A center that runs workshops.
#![expect(missing_docs, reason = "a row's columns are described by the migration and, for clients, by the schema")]

use domain::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, DeriveEntityModel, Eq, PartialEq)]
#[sea_orm(table_name = "centers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub external_id: Option<String>,
    pub name: String,
    pub time_zone: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The key that orders lists: see [`crate::search`].
    pub sort_key: String,
}

#[derive(Clone, Copy, Debug, DeriveRelation, EnumIter)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
