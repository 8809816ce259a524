//! Adds a session to a track.

use super::{OnWorkshop, refusal, targets::on_workshop};
use crate::{EditableWorkshop, Session, SessionDraft, SessionId, Timestamp, TrackId, editable_workshop::ensure_times};

/// Adds a session to a track.
#[derive(Clone, Debug)]
pub struct AddSession {
    /// The id of the new session.
    pub session: SessionId,
    /// The track; `None` if the number is not positive.
    pub track: Option<TrackId>,
    /// The data of the session.
    pub draft: SessionDraft,
}

refusal! {
    /// The problems of this command, in the order of the checks. `SessionInvalid`
    /// answers a retry after the session was removed with its track.
    AddSessionRefusal {
        InputInvalid,
        TrackInvalid,
        WorkshopNotEditable,
        TooManySessions,
        CenterInvalid,
        SessionTimesInvalid,
        IdempotencyKeyReused,
        SessionInvalid,
    }
}

impl OnWorkshop for AddSession {
    type Refusal = AddSessionRefusal;

    on_workshop!("addSession", Track(track: "trackId") or TrackInvalid, draft: "session"; without session);

    fn decide(&self, editable: &mut EditableWorkshop, now: Timestamp) -> Result<(), AddSessionRefusal> {
        let track = editable.ensure_track(self.track)?;
        editable.ensure_editable(now)?;
        editable.ensure_room_for_session(track)?;
        let SessionDraft { title, starts_at, ends_at, center, room, instructor } = self.draft.clone();
        let center = editable.aggregate.ensure_center(center)?;
        ensure_times(starts_at, ends_at)?;
        let session = Session { track, center, title, starts_at, ends_at, room, instructor, cancelled_at: None };
        editable.sessions.insert(self.session, session);
        // A new session can only move the start forward, so this promotes no guest.
        editable.reschedule(now);
        Ok(())
    }
}
