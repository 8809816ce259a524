//! An API key.
#![expect(missing_docs, reason = "a row's columns are described by the migration and, for clients, by the schema")]

use std::collections::BTreeSet;

use domain::{
    ApiKeyId, Term, Timestamp,
    access::{Role, Scope},
};
use sea_orm::entity::prelude::*;

use crate::StoreError;

#[derive(Clone, Debug, DeriveEntityModel, Eq, PartialEq)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub prefix: String,
    pub digest: Vec<u8>,
    pub role: String,
    pub scopes: String,
    pub all_centers: bool,
    pub created_at: Timestamp,
    pub created_by: String,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub replaced_by: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, DeriveRelation, EnumIter)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The id of this key.
    pub fn api_key_id(&self) -> ApiKeyId {
        ApiKeyId::from_uuid(self.id)
    }

    /// The role of the key.
    pub fn role(&self) -> Result<Role, StoreError> {
        self.role.parse().map_err(|_| self.corrupt(&self.role))
    }

    /// The scopes of the key.
    pub fn scopes(&self) -> Result<BTreeSet<Scope>, StoreError> {
        self.scopes.split_whitespace().map(|word| word.parse().map_err(|_| self.corrupt(word))).collect()
    }

    /// The period in which the key is valid.
    pub fn term(&self) -> Term {
        Term { expires_at: self.expires_at, revoked_at: self.revoked_at }
    }

    pub(crate) fn corrupt(&self, detail: &str) -> StoreError {
        StoreError::corrupt("an API key", format!("{}: {detail}", self.prefix))
    }
}
