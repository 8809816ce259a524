//! A track of a workshop, with its counter.
#![expect(missing_docs, reason = "a row's columns are described by the migration and, for clients, by the schema")]

use domain::{Seats, Timestamp, TrackId};
use sea_orm::entity::prelude::*;

use crate::StoreError;

use super::count;

#[derive(Clone, Debug, DeriveEntityModel, Eq, PartialEq)]
#[sea_orm(table_name = "tracks")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub workshop_id: Uuid,
    pub name: String,
    pub capacity: Option<i32>,
    pub seats_taken: i32,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, DeriveRelation, EnumIter)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The seats of this track.
    pub fn seats(&self) -> Result<Seats, StoreError> {
        Ok(Seats {
            capacity: self.capacity.map(|capacity| count("a track's capacity", capacity)).transpose()?,
            taken: count("a track's seats taken", self.seats_taken)?,
        })
    }

    /// The number of this track.
    pub fn track_id(&self) -> Result<TrackId, StoreError> {
        TrackId::new(self.id).ok_or_else(|| StoreError::Corrupt { what: "a track's number", why: self.id.to_string() })
    }
}
