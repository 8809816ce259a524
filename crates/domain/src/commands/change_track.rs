//! Moves a registration to another track of the workshop, with its seat or its waitlist number.

use super::{OnRegistration, refusal, targets::on_registration};
use crate::{
    RegistrationId, RegistrationStatus, Timestamp, TrackId, WorkshopAggregate,
    access::ManageRegistrations,
    problems::{CapacityExceeded, CapacityScope, RegistrationCancelled, RegistrationClosed, RegistrationIdInvalid},
};

/// Moves a registration to another track of the workshop.
#[derive(Clone, Debug)]
pub struct ChangeTrack {
    /// The registration; `None` if the id is malformed.
    pub registration: Option<RegistrationId>,
    /// The new track; `None` if the number is not positive.
    pub track: Option<TrackId>,
}

refusal! {
    /// The problems of this command, in the order of the checks.
    ChangeTrackRefusal {
        RegistrationIdInvalid,
        TrackNotInWorkshop,
        RegistrationCancelled,
        RegistrationClosed,
        CapacityExceeded,
        IdempotencyKeyReused,
    }
}

impl OnRegistration for ChangeTrack {
    type Permission = ManageRegistrations;
    type Refusal = ChangeTrackRefusal;

    on_registration!("changeTrack", RegistrationIdInvalid, track: "trackId");

    fn may_free_a_seat(&self) -> bool {
        true
    }

    fn decide(
        &self,
        id: RegistrationId,
        aggregate: &mut WorkshopAggregate,
        now: Timestamp,
    ) -> Result<(), ChangeTrackRefusal> {
        let registration = aggregate.registration(id).ok_or(RegistrationIdInvalid)?;
        let track = aggregate.ensure_track(self.track)?;
        let status = registration.standing.status();
        if status == RegistrationStatus::Closed {
            return Err(RegistrationClosed.into());
        }
        if !status.is_live() {
            return Err(RegistrationCancelled.into());
        }
        if track == registration.track {
            return Ok(());
        }
        // The guest keeps the seat at the workshop, so only the track needs a free seat.
        let seats = aggregate.tracks.get(&track).filter(|seats| status.is_seated() && !seats.has_free_seat());
        if let Some(capacity) = seats.and_then(|seats| seats.capacity) {
            let waitlist_open = aggregate.ensure_waitlist_open(now).is_ok();
            return Err(CapacityExceeded { scope: CapacityScope::Track, capacity, waitlist_open }.into());
        }
        aggregate.change_track(id, track);
        aggregate.promote_waiting(now);
        Ok(())
    }
}
