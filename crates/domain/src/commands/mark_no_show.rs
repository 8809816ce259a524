//! The guest has a seat and did not come.

use super::{OnRegistration, refusal, shown};
use crate::{
    ChangeKind, Desk, Fingerprint, RegistrationId, Standing, Timestamp, Transition,
    access::FrontDesk,
    problems::{
        GuestSignedIn, GuestWaitlisted, RegistrationCancelled, RegistrationClosed, RegistrationIdInvalid,
        WorkshopNotStarted,
    },
};

/// Note that a guest did not come.
#[derive(Clone, Debug)]
pub struct MarkNoShow {
    /// The registration; `None` for an id that names nothing.
    pub registration: Option<RegistrationId>,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
    MarkNoShowRefusal {
        RegistrationIdInvalid,
        RegistrationCancelled,
        GuestWaitlisted,
        RegistrationClosed,
        GuestSignedIn,
        WorkshopNotStarted,
        IdempotencyKeyReused,
    }
}

impl OnRegistration for MarkNoShow {
    type Duty = FrontDesk;
    type Refusal = MarkNoShowRefusal;

    fn registration(&self) -> Option<RegistrationId> {
        self.registration
    }

    fn no_such_registration() -> MarkNoShowRefusal {
        RegistrationIdInvalid.into()
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of("markNoShow", [&shown(self.registration)])
    }

    fn decide(
        &self,
        id: RegistrationId,
        desk: &mut Desk,
        now: Timestamp,
    ) -> Result<Vec<Transition>, MarkNoShowRefusal> {
        match desk.registrations.get(&id).ok_or(RegistrationIdInvalid)?.standing {
            Standing::Seated => {}
            Standing::NoShow => return Ok(Vec::new()),
            Standing::Cancelled { .. } | Standing::WorkshopCancelled { .. } => return Err(RegistrationCancelled.into()),
            Standing::Waiting { .. } => return Err(GuestWaitlisted.into()),
            Standing::Closed => return Err(RegistrationClosed.into()),
            Standing::SignedIn { .. } => return Err(GuestSignedIn.into()),
        }
        if !desk.workshop.has_started(now) {
            return Err(WorkshopNotStarted.into());
        }
        Ok(desk.restand(id, Standing::NoShow, ChangeKind::MarkedNoShow).into_iter().collect())
    }
}
