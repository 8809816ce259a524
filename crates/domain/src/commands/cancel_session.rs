//! Cancels a session. Registrations stay. If a started workshop now starts later, free seats go to the waitlist.

use super::{OnWorkshop, PreloadedRegistrations, refusal, targets::on_workshop};
use crate::{EditableWorkshop, SessionId, Timestamp, problems::SessionInvalid};

/// Cancels a session.
#[derive(Clone, Debug)]
pub struct CancelSession {
    /// The session; `None` if the id is malformed.
    pub session: Option<SessionId>,
}

refusal! {
    /// The problems of this command, in the order of the checks.
    CancelSessionRefusal {
        SessionInvalid,
        WorkshopNotEditable,
        IdempotencyKeyReused,
    }
}

impl OnWorkshop for CancelSession {
    type Refusal = CancelSessionRefusal;

    on_workshop!("cancelSession", Session(session: "sessionId") or SessionInvalid);

    fn preloaded_registrations(&self) -> PreloadedRegistrations {
        PreloadedRegistrations::Waitlist
    }

    fn decide(&self, editable: &mut EditableWorkshop, now: Timestamp) -> Result<(), CancelSessionRefusal> {
        let session = self.session.and_then(|id| editable.sessions.get(&id)).ok_or(SessionInvalid)?;
        if session.cancelled_at.is_some() {
            // A repeated cancellation changes nothing.
            return Ok(());
        }
        editable.ensure_editable(now)?;
        if let Some(session) = self.session.and_then(|id| editable.sessions.get_mut(&id)) {
            session.cancelled_at = Some(now);
        }
        editable.reschedule(now);
        Ok(())
    }
}
