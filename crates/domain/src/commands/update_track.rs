//! Changes the name or the capacity of a track. Added seats go to the first guests on the waitlist for the track.

use super::{OnWorkshop, PreloadedRegistrations, refusal, targets::on_workshop};
use crate::{
    EditableWorkshop, Patch, Timestamp, TrackId,
    editable_workshop::resize,
    problems::{CapacityScope, TrackInvalid},
};

/// Changes a track.
#[derive(Clone, Debug)]
pub struct UpdateTrack {
    /// The track; `None` if the number is not positive.
    pub track: Option<TrackId>,
    /// The new name.
    pub name: Option<String>,
    /// The new capacity of the track.
    pub capacity: Patch<u32>,
}

refusal! {
    /// The problems of this command, in the order of the checks.
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

    fn decide(&self, editable: &mut EditableWorkshop, now: Timestamp) -> Result<(), UpdateTrackRefusal> {
        let track = editable.ensure_track(self.track)?;
        editable.ensure_editable(now)?;
        if let Some(name) = &self.name {
            editable.track_names.insert(track, name.clone());
        }
        let seats = editable.aggregate.tracks.get_mut(&track).ok_or(TrackInvalid)?;
        let before = seats.capacity;
        resize(seats, self.capacity.apply_to(before), CapacityScope::Track)?;
        if seats.is_raised_from(before) {
            editable.aggregate.promote_waiting(now);
        }
        Ok(())
    }
}
