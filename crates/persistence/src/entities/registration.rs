//! A guest's registration to a workshop.
#![expect(missing_docs, reason = "a row's columns are described by the migration and, for clients, by the schema")]

use domain::{
    CenterId, GuestId, Registration, RegistrationId, RegistrationStatus, Standing, Timestamp, TrackId, WaitlistNumber,
    WorkshopId,
};
use sea_orm::entity::prelude::*;

use crate::{EnumColumn, StoreError};

#[derive(Clone, Debug, DeriveEntityModel, Eq, PartialEq)]
#[sea_orm(table_name = "registrations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workshop_id: Uuid,
    pub track_id: i32,
    pub guest_id: Uuid,
    pub center_id: Uuid,
    pub status: EnumColumn<RegistrationStatus>,
    pub waitlist_number: Option<i64>,
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

impl Model {
    /// The row of a new registration.
    pub(crate) fn new(workshop: WorkshopId, registration: &Registration, now: Timestamp) -> Self {
        Self {
            id: registration.id.uuid(),
            workshop_id: workshop.uuid(),
            track_id: registration.track.number(),
            guest_id: registration.guest.uuid(),
            center_id: registration.center.uuid(),
            status: EnumColumn(registration.standing.status()),
            waitlist_number: registration.standing.waitlist_number().map(WaitlistNumber::number),
            from_waitlist: false,
            note: registration.note.clone(),
            registered_at: now,
            promoted_at: None,
            checked_in_at: None,
            cancelled_at: None,
            cancel_reason: None,
        }
    }

    /// The registration as the rules see it.
    pub(crate) fn snapshot(self) -> Result<Registration, StoreError> {
        let id = RegistrationId::from_uuid(self.id);
        let corrupt = |what| StoreError::corrupt(what, format!("{id} has none or a wrong one"));
        let cancelled_at = || self.cancelled_at.ok_or_else(|| corrupt("the time of a cancellation"));
        let standing = match self.status.0 {
            RegistrationStatus::Registered => Standing::Seated,
            RegistrationStatus::Waitlisted => {
                let number =
                    self.waitlist_number.and_then(WaitlistNumber::new).ok_or_else(|| corrupt("a waitlist number"))?;
                Standing::Waiting { number }
            }
            RegistrationStatus::SignedIn => {
                Standing::SignedIn { at: self.checked_in_at.ok_or_else(|| corrupt("the time of a check-in"))? }
            }
            RegistrationStatus::NoShow => Standing::NoShow,
            RegistrationStatus::Cancelled => Standing::Cancelled { at: cancelled_at()?, reason: self.cancel_reason },
            RegistrationStatus::WorkshopCancelled => {
                Standing::WorkshopCancelled { at: cancelled_at()?, reason: self.cancel_reason }
            }
            RegistrationStatus::Closed => Standing::Closed,
        };
        Ok(Registration {
            id,
            guest: GuestId::from_uuid(self.guest_id),
            track: TrackId::new(self.track_id).ok_or_else(|| corrupt("a track"))?,
            center: CenterId::from_uuid(self.center_id),
            standing,
            promoted_at: self.promoted_at,
            note: self.note,
        })
    }
}
