//! One more track, which gets its number when it is written.

use super::{OnWorkshop, refusal, targets::on_workshop};
use crate::{EditableWorkshop, Timestamp, TrackDraft, Transition, WorkshopId};

/// Add a track.
#[derive(Clone, Debug)]
pub struct AddTrack {
    /// The workshop; `None` for an id that names nothing.
    pub workshop: Option<WorkshopId>,
    /// What people call it.
    pub name: String,
    /// Its own seats in all.
    pub capacity: Option<u32>,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for. The track is invalid when a retry
    /// comes after it was removed again.
    AddTrackRefusal {
        InputInvalid,
        WorkshopInvalid,
        WorkshopNotEditable,
        IdempotencyKeyReused,
        TrackInvalid,
    }
}

impl OnWorkshop for AddTrack {
    type Refusal = AddTrackRefusal;

    on_workshop!("addTrack", Workshop(workshop: "workshopId") or WorkshopInvalid, name: "name", capacity: "capacity");

    fn decide(&self, editable: &mut EditableWorkshop, now: Timestamp) -> Result<Vec<Transition>, AddTrackRefusal> {
        editable.ensure_editable(now)?;
        editable.new_track =
            Some(TrackDraft { name: self.name.clone(), capacity: self.capacity, sessions: Vec::new() });
        Ok(Vec::new())
    }
}
