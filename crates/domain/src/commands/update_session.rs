//! Change a session that takes place, also one that is over: a wrong date is no reason to be stuck with it. If the workshop has not started any more, free seats go to the first in line.

use super::{OnWorkshop, PreloadedRegistrations, refusal, targets::on_workshop};
use crate::{
    CenterId, EditableWorkshop, Patch, SessionId, Timestamp, Transition,
    editable_workshop::ensure_times,
    problems::{CenterInvalid, SessionInvalid},
};

/// Change a session.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct UpdateSession {
    /// The session; `None` for an id that names nothing.
    pub session: Option<SessionId>,
    pub title: Option<String>,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    /// An error for a malformed id.
    pub center: Option<Result<CenterId, CenterInvalid>>,
    pub room: Patch<String>,
    pub instructor: Patch<String>,
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

    on_workshop! {
        "updateSession", Session(session: "sessionId") or SessionInvalid,
        title: "title",
        starts_at: "startsAt",
        ends_at: "endsAt",
        center: "centerId",
        room: "room",
        instructor: "instructor"
    }

    fn preloaded_registrations(&self) -> PreloadedRegistrations {
        if self.starts_at.is_none() { PreloadedRegistrations::None } else { PreloadedRegistrations::Waitlist }
    }

    fn decide(&self, editable: &mut EditableWorkshop, now: Timestamp) -> Result<Vec<Transition>, UpdateSessionRefusal> {
        let id = editable.ensure_session(self.session)?;
        editable.ensure_not_cancelled()?;
        let center = self.center.map(|center| editable.aggregate.ensure_center(Some(center?))).transpose()?;
        let session = editable.sessions.get_mut(&id).ok_or(SessionInvalid)?;
        session.starts_at = self.starts_at.unwrap_or(session.starts_at);
        session.ends_at = self.ends_at.unwrap_or(session.ends_at);
        ensure_times(session.starts_at, session.ends_at)?;
        if let Some(title) = &self.title {
            session.title.clone_from(title);
        }
        session.center = center.unwrap_or(session.center);
        session.room = self.room.clone().apply_to(session.room.take());
        session.instructor = self.instructor.clone().apply_to(session.instructor.take());
        Ok(editable.reschedule(now))
    }
}
