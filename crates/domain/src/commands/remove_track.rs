//! Removes a track with its sessions, unless it has or had a registration.

use super::{OnWorkshop, PreloadedRegistrations, refusal, targets::on_workshop};
use crate::{EditableWorkshop, Timestamp, TrackId, problems::TrackHasRegistrations};

/// Removes a track.
#[derive(Clone, Debug)]
pub struct RemoveTrack {
    /// The track; `None` if the number is not positive.
    pub track: Option<TrackId>,
}

refusal! {
    /// The problems of this command, in the order of the checks.
    RemoveTrackRefusal {
        TrackInvalid,
        WorkshopNotEditable,
        TrackHasRegistrations,
        WorkshopNotPublishable,
        IdempotencyKeyReused,
        ResultNotVisible,
    }
}

impl OnWorkshop for RemoveTrack {
    type Refusal = RemoveTrackRefusal;

    on_workshop!("removeTrack", Track(track: "trackId") or TrackInvalid);

    fn preloaded_registrations(&self) -> PreloadedRegistrations {
        PreloadedRegistrations::TrackAndWaitlist
    }

    fn decide(&self, editable: &mut EditableWorkshop, now: Timestamp) -> Result<(), RemoveTrackRefusal> {
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
        editable.reschedule(now);
        Ok(())
    }
}
