//! Rename a track, or give it another number of seats. Seats that it gains go to the first in line for it at once.

use super::{OnWorkshop, PreloadedRegistrations, refusal, targets::on_workshop};
use crate::{
    EditableWorkshop, Patch, Timestamp, TrackId, Transition,
    editable_workshop::resize,
    problems::{CapacityScope, TrackInvalid},
};

/// Change a track.
#[derive(Clone, Debug)]
pub struct UpdateTrack {
    /// The track; `None` for a number that no track can have.
    pub track: Option<TrackId>,
    /// What people call it.
    pub name: Option<String>,
    /// Its own seats in all.
    pub capacity: Patch<u32>,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
    UpdateTrackRefusal {
        InputInvalid,
        TrackInvalid,
        WorkshopNotEditable,
        CapacityBelowTaken,
        IdempotencyKeyReused,
    }
}

impl OnWorkshop for UpdateTrack {
    type Refusal = UpdateTrackRefusal;

    on_workshop! {
        "updateTrack", Track(track: "trackId") or TrackInvalid,
        name: "name",
        capacity: "capacity"
    }

    fn preloaded_registrations(&self) -> PreloadedRegistrations {
        if self.capacity.is_keep() { PreloadedRegistrations::None } else { PreloadedRegistrations::Waitlist }
    }

    fn decide(&self, editable: &mut EditableWorkshop, now: Timestamp) -> Result<Vec<Transition>, UpdateTrackRefusal> {
        let track = editable.ensure_track(self.track)?;
        editable.ensure_editable(now)?;
        if let Some(name) = &self.name {
            editable.track_names.insert(track, name.clone());
        }
        let seats = editable.aggregate.tracks.get_mut(&track).ok_or(TrackInvalid)?;
        let before = seats.capacity;
        resize(seats, self.capacity.apply_to(before), CapacityScope::Track)?;
        Ok(if seats.is_raised_from(before) { editable.aggregate.promote_waiting(now) } else { Vec::new() })
    }
}
