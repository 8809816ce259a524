//! A workshop, with its counters.
#![expect(missing_docs, reason = "a row's columns are described by the migration and, for clients, by the schema")]

use domain::{Seats, Stage, Timestamp, Waitlist, WaitlistNumber, Window, Workshop, WorkshopId};
use sea_orm::entity::prelude::*;

use crate::{EnumColumn, StoreError};

use super::count;

#[derive(Clone, Debug, DeriveEntityModel, Eq, PartialEq)]
#[sea_orm(table_name = "workshops")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub external_id: Option<String>,
    pub title: String,
    pub description: Option<String>,
    pub stage: EnumColumn<Stage>,
    pub registration_opens_at: Option<Timestamp>,
    pub registration_closes_at: Option<Timestamp>,
    pub capacity: Option<i32>,
    pub seats_taken: i32,
    pub waitlist_enabled: bool,
    pub waitlist_limit: Option<i32>,
    pub waitlist_length: i32,
    pub next_waitlist_number: i64,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The key that orders lists: see [`crate::search`].
    pub sort_key: String,
    /// `None` for a workshop that was never published.
    pub published_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, DeriveRelation, EnumIter)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The workshop as the rules see it.
    pub fn snapshot(&self) -> Result<Workshop, StoreError> {
        Ok(Workshop {
            id: WorkshopId::from_uuid(self.id),
            stage: self.stage.0,
            window: Window { opens_at: self.registration_opens_at, closes_at: self.registration_closes_at },
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            seats: Seats {
                capacity: self.capacity.map(|capacity| count("a workshop's capacity", capacity)).transpose()?,
                taken: count("a workshop's seats taken", self.seats_taken)?,
            },
            waitlist: Waitlist {
                enabled: self.waitlist_enabled,
                limit: self.waitlist_limit.map(|limit| count("a waitlist's limit", limit)).transpose()?,
                length: count("a waitlist's length", self.waitlist_length)?,
            },
        })
    }

    pub(crate) fn next_waitlist_number(&self) -> Result<WaitlistNumber, StoreError> {
        let number = self.next_waitlist_number;
        WaitlistNumber::new(number)
            .ok_or_else(|| StoreError::corrupt("a workshop's next waitlist number", number.to_string()))
    }
}
