//! A track of a workshop, with its counter of seats.
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
        seats(self.capacity, self.seats_taken)
    }

    /// The id of this track.
    pub fn track_id(&self) -> Result<TrackId, StoreError> {
        track_id(self.id)
    }
}

/// The id and the seats of a track, from its columns.
pub(crate) fn id_and_seats(id: i32, capacity: Option<i32>, taken: i32) -> Result<(TrackId, Seats), StoreError> {
    Ok((track_id(id)?, seats(capacity, taken)?))
}

fn seats(capacity: Option<i32>, taken: i32) -> Result<Seats, StoreError> {
    Ok(Seats {
        capacity: capacity.map(|capacity| count("a track's capacity", capacity)).transpose()?,
        taken: count("a track's seats taken", taken)?,
    })
}

fn track_id(id: i32) -> Result<TrackId, StoreError> {
    TrackId::new(id).ok_or_else(|| StoreError::corrupt("a track's id", id.to_string()))
}
