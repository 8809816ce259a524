//! One more session of a track.

use super::{OnWorkshop, refusal, targets::on_workshop};
use crate::{
    EditableWorkshop, Session, SessionDraft, SessionId, Timestamp, TrackId, Transition, editable_workshop::ensure_times,
};

/// Add a session.
#[derive(Clone, Debug)]
pub struct AddSession {
    /// The id that the session gets.
    pub session: SessionId,
    /// The track; `None` for a number that no track can have.
    pub track: Option<TrackId>,
    /// What there is to say of it.
    pub draft: SessionDraft,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for. The session is invalid when a retry
    /// comes after it was removed with its track.
    AddSessionRefusal {
        InputInvalid,
        TrackInvalid,
        WorkshopNotEditable,
        CenterInvalid,
        SessionTimesInvalid,
        IdempotencyKeyReused,
        SessionInvalid,
    }
}

impl OnWorkshop for AddSession {
    type Refusal = AddSessionRefusal;

    on_workshop!("addSession", Track(track: "trackId") or TrackInvalid, draft: "session"; without session);

    fn decide(&self, editable: &mut EditableWorkshop, now: Timestamp) -> Result<Vec<Transition>, AddSessionRefusal> {
        let track = editable.ensure_track(self.track)?;
        editable.ensure_editable(now)?;
        let SessionDraft { title, starts_at, ends_at, center, room, instructor } = self.draft.clone();
        let center = editable.aggregate.ensure_center(center)?;
        ensure_times(starts_at, ends_at)?;
        let session = Session { track, center, title, starts_at, ends_at, room, instructor, cancelled_at: None };
        editable.sessions.insert(self.session, session);
        // One session more can only make it start earlier: this lets nobody in.
        Ok(editable.reschedule(now))
    }
}
