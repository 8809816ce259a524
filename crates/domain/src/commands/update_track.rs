//! Rename a track, or give it another number of seats. Seats that it gains go to the first in line for it at once.

use super::{Needs, OnWorkshop, Subject, refusal};
use crate::{
    Fingerprint, Manuscript, Patch, Timestamp, TrackId, Transition,
    manuscript::resize,
    problems::{CapacityScope, TrackInvalid},
};

/// Change a track.
#[derive(Clone, Debug)]
pub struct UpdateTrack {
    /// The track; `None` for a number that no track can have.
    pub track: Option<TrackId>,
    /// What people call it.
    pub name: Patch<String>,
    /// Its own seats in all.
    pub capacity: Patch<Option<u32>>,
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

    fn subject(&self) -> Option<Subject> {
        self.track.map(Subject::Track)
    }

    fn no_such_subject() -> UpdateTrackRefusal {
        TrackInvalid.into()
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of("updateTrack", [&format!("{self:?}")])
    }

    fn needs(&self) -> Needs {
        if self.capacity == Patch::Keep { Needs::Nobody } else { Needs::TheLine }
    }

    fn decide(&self, manuscript: &mut Manuscript, now: Timestamp) -> Result<Vec<Transition>, UpdateTrackRefusal> {
        let track = manuscript.ensure_track(self.track)?;
        manuscript.ensure_editable(now)?;
        if let Patch::Set(name) = &self.name {
            manuscript.names.insert(track, name.clone());
        }
        let seats = manuscript.desk.tracks.get_mut(&track).ok_or(TrackInvalid)?;
        let before = seats.capacity;
        resize(seats, self.capacity.over(&before), CapacityScope::Track)?;
        Ok(if seats.is_raised_from(before) { manuscript.desk.promote_waiting(now) } else { Vec::new() })
    }
}
