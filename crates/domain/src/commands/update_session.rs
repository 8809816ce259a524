//! Change a session that takes place, also one that is over: a wrong date is no reason to be stuck with it. If the workshop has not started any more, free seats go to the first in line.

use super::{OnWorkshop, PreloadedRegistrations, Subject, refusal};
use crate::{
    CenterId, EditableWorkshop, Fingerprint, Patch, SessionId, Timestamp, Transition, editable_workshop::ensure_times,
    problems::SessionInvalid,
};

/// Change a session.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct UpdateSession {
    /// The session; `None` for an id that names nothing.
    pub session: Option<SessionId>,
    pub title: Patch<String>,
    pub starts_at: Patch<Timestamp>,
    pub ends_at: Patch<Timestamp>,
    /// A center that is `None` was malformed and names nothing.
    pub center: Patch<Option<CenterId>>,
    pub room: Patch<Option<String>>,
    pub instructor: Patch<Option<String>>,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
    UpdateSessionRefusal {
        InputInvalid,
        SessionInvalid,
        WorkshopNotEditable,
        CenterInvalid,
        SessionTimesInvalid,
        IdempotencyKeyReused,
    }
}

impl OnWorkshop for UpdateSession {
    type Refusal = UpdateSessionRefusal;

    fn subject(&self) -> Option<Subject> {
        self.session.map(Subject::Session)
    }

    fn no_such_subject() -> UpdateSessionRefusal {
        SessionInvalid.into()
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of("updateSession", [&format!("{self:?}")])
    }

    fn preloaded_registrations(&self) -> PreloadedRegistrations {
        if self.starts_at == Patch::Keep { PreloadedRegistrations::None } else { PreloadedRegistrations::Waitlist }
    }

    fn decide(&self, editable: &mut EditableWorkshop, now: Timestamp) -> Result<Vec<Transition>, UpdateSessionRefusal> {
        let id = editable.ensure_session(self.session)?;
        editable.ensure_not_cancelled()?;
        if let Patch::Set(center) = self.center {
            editable.aggregate.ensure_center(center)?;
        }
        let session = editable.sessions.get_mut(&id).ok_or(SessionInvalid)?;
        session.starts_at = self.starts_at.over(&session.starts_at);
        session.ends_at = self.ends_at.over(&session.ends_at);
        ensure_times(session.starts_at, session.ends_at)?;
        session.title = self.title.over(&session.title);
        session.center = self.center.over(&Some(session.center)).unwrap_or(session.center);
        session.room = self.room.over(&session.room);
        session.instructor = self.instructor.over(&session.instructor);
        Ok(editable.reschedule(now))
    }
}
