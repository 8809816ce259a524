//! Call one session off. Whoever has registered stays registered; if the workshop has not started any more, free seats go
//! to the first in line.

use super::{OnWorkshop, PreloadedRegistrations, refusal, targets::on_workshop};
use crate::{EditableWorkshop, SessionId, Timestamp, Transition, problems::SessionInvalid};

/// Call a session off.
#[derive(Clone, Debug)]
pub struct CancelSession {
    /// The session; `None` for an id that names nothing.
    pub session: Option<SessionId>,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
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

    fn decide(&self, editable: &mut EditableWorkshop, now: Timestamp) -> Result<Vec<Transition>, CancelSessionRefusal> {
        let session = self.session.and_then(|id| editable.sessions.get(&id)).ok_or(SessionInvalid)?;
        if session.cancelled_at.is_some() {
            // Cancelling twice is the same as cancelling once.
            return Ok(Vec::new());
        }
        editable.ensure_editable(now)?;
        if let Some(session) = self.session.and_then(|id| editable.sessions.get_mut(&id)) {
            session.cancelled_at = Some(now);
        }
        Ok(editable.reschedule(now))
    }
}
