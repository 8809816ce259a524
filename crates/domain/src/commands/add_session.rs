//! One more session of a track.

use super::{OnWorkshop, Subject, refusal};
use crate::{
    EditableWorkshop, Fingerprint, Session, SessionDraft, SessionId, Timestamp, TrackId, Transition,
    editable_workshop::ensure_times, problems::TrackInvalid,
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

    fn subject(&self) -> Option<Subject> {
        self.track.map(Subject::Track)
    }

    fn no_such_subject() -> AddSessionRefusal {
        TrackInvalid.into()
    }

    fn fingerprint(&self) -> Fingerprint {
        // Without the id, which is made anew for each attempt.
        Fingerprint::of("addSession", [&format!("{:?}", (self.track, &self.draft))])
    }

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
