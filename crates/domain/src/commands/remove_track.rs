//! Take a track away, with its sessions, as long as nobody has ever registered to it.

use super::{Needs, OnWorkshop, Subject, refusal};
use crate::{
    Fingerprint, Manuscript, Timestamp, TrackId, Transition,
    problems::{TrackHasRegistrations, TrackInvalid},
};

/// Remove a track.
#[derive(Clone, Debug)]
pub struct RemoveTrack {
    /// The track; `None` for a number that no track can have.
    pub track: Option<TrackId>,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
    RemoveTrackRefusal {
        TrackInvalid,
        WorkshopNotEditable,
        TrackHasRegistrations,
        WorkshopNotPublishable,
        IdempotencyKeyReused,
    }
}

impl OnWorkshop for RemoveTrack {
    type Refusal = RemoveTrackRefusal;

    fn subject(&self) -> Option<Subject> {
        self.track.map(Subject::Track)
    }

    fn no_such_subject() -> RemoveTrackRefusal {
        TrackInvalid.into()
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of("removeTrack", [&format!("{self:?}")])
    }

    fn needs(&self) -> Needs {
        Needs::TheTrack
    }

    fn decide(&self, manuscript: &mut Manuscript, now: Timestamp) -> Result<Vec<Transition>, RemoveTrackRefusal> {
        let track = manuscript.ensure_track(self.track)?;
        manuscript.ensure_editable(now)?;
        if manuscript.known.registrations > 0 {
            let live_registrations = manuscript.known.live_registrations;
            return Err(TrackHasRegistrations { live_registrations }.into());
        }
        manuscript.desk.tracks.remove(&track);
        manuscript.names.remove(&track);
        manuscript.ensure_still_publishable()?;
        manuscript.sessions.retain(|_, session| session.track != track);
        Ok(manuscript.reschedule(now))
    }
}
