//! Adds a track to a workshop. The database assigns its number.

use super::{OnWorkshop, refusal, targets::on_workshop};
use crate::{EditableWorkshop, Timestamp, TrackDraft, WorkshopId};

/// Adds a track to a workshop.
#[derive(Clone, Debug)]
pub struct AddTrack {
    /// The workshop; `None` if the id is malformed.
    pub workshop: Option<WorkshopId>,
    /// The name.
    pub name: String,
    /// The capacity of the track; `None` is unlimited.
    pub capacity: Option<u32>,
}

refusal! {
    /// The problems of this command, in the order of the checks. `TrackInvalid`
    /// answers a retry after the track was removed.
    AddTrackRefusal {
        InputInvalid,
        WorkshopInvalid,
        WorkshopNotEditable,
        TooManyTracks,
        IdempotencyKeyReused,
        TrackInvalid,
    }
}

impl OnWorkshop for AddTrack {
    type Refusal = AddTrackRefusal;

    on_workshop!("addTrack", Workshop(workshop: "workshopId") or WorkshopInvalid, name: "name", capacity: "capacity");

    fn decide(&self, editable: &mut EditableWorkshop, now: Timestamp) -> Result<(), AddTrackRefusal> {
        editable.ensure_editable(now)?;
        editable.ensure_room_for_track()?;
        editable.new_track =
            Some(TrackDraft { name: self.name.clone(), capacity: self.capacity, sessions: Vec::new() });
        Ok(())
    }
}
