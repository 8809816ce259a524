//! Go to another track of the same workshop, seat or place in line and all.

use super::{OnRegistration, refusal, targets::on_registration};
use crate::{
    RegistrationId, RegistrationStatus, Timestamp, TrackId, Transition, WorkshopAggregate,
    access::ManageRegistrations,
    problems::{CapacityExceeded, CapacityScope, RegistrationCancelled, RegistrationClosed, RegistrationIdInvalid},
};

/// Go to another track, with the seat or the place in line.
#[derive(Clone, Debug)]
pub struct ChangeTrack {
    /// The registration; `None` for an id that names nothing.
    pub registration: Option<RegistrationId>,
    /// The track to go to; `None` for a number that no track can have.
    pub track: Option<TrackId>,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
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
    ) -> Result<Vec<Transition>, ChangeTrackRefusal> {
        let registration = aggregate.registrations.get(&id).ok_or(RegistrationIdInvalid)?;
        let track = aggregate.ensure_track(self.track)?;
        let status = registration.standing.status();
        if status == RegistrationStatus::Closed {
            return Err(RegistrationClosed.into());
        }
        if !status.is_live() {
            return Err(RegistrationCancelled.into());
        }
        if track == registration.track {
            return Ok(Vec::new());
        }
        // The seat at the workshop is kept; it is the track that must have room.
        let seats = aggregate.tracks.get(&track).filter(|seats| status.is_seated() && !seats.has_free_seat());
        if let Some(capacity) = seats.and_then(|seats| seats.capacity) {
            let waitlist_open = aggregate.ensure_waitlist_open(now).is_ok();
            return Err(CapacityExceeded { scope: CapacityScope::Track, capacity, waitlist_open }.into());
        }
        let moved = aggregate.change_track(id, track);
        Ok(moved.into_iter().chain(aggregate.promote_waiting(now)).collect())
    }
}
