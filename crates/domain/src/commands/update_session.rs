//! Changes a session that is not cancelled. A past session is editable, so that a wrong date can be corrected. If a
//! started workshop now starts later, free seats go to the waitlist.

use super::{OnWorkshop, PreloadedRegistrations, refusal, targets::on_workshop};
use crate::{
    CenterId, EditableWorkshop, Patch, SessionId, Timestamp,
    editable_workshop::ensure_times,
    problems::{CenterInvalid, SessionInvalid},
};

/// Changes a session.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct UpdateSession {
    /// The session; `None` if the id is malformed.
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
    /// The problems of this command, in the order of the checks.
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

    fn decide(&self, editable: &mut EditableWorkshop, now: Timestamp) -> Result<(), UpdateSessionRefusal> {
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
        editable.reschedule(now);
        Ok(())
    }
}
