//! Take a track away, with its sessions, as long as nobody has ever registered to it.

use super::{OnWorkshop, PreloadedRegistrations, refusal, targets::on_workshop};
use crate::{EditableWorkshop, Timestamp, TrackId, Transition, problems::TrackHasRegistrations};

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

    on_workshop!("removeTrack", Track(track: "trackId") or TrackInvalid);

    fn preloaded_registrations(&self) -> PreloadedRegistrations {
        PreloadedRegistrations::TrackAndWaitlist
    }

    fn decide(&self, editable: &mut EditableWorkshop, now: Timestamp) -> Result<Vec<Transition>, RemoveTrackRefusal> {
        let track = editable.ensure_track(self.track)?;
        editable.ensure_editable(now)?;
        if editable.context.registrations > 0 {
            let live_registrations = editable.context.live_registrations;
            return Err(TrackHasRegistrations { live_registrations }.into());
        }
        editable.aggregate.tracks.remove(&track);
        editable.track_names.remove(&track);
        editable.ensure_still_publishable()?;
        editable.sessions.retain(|_, session| session.track != track);
        Ok(editable.reschedule(now))
    }
}
