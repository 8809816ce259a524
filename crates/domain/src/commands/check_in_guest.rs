//! The guest has come.

use super::{OnRegistration, refusal, shown};
use crate::{
    ChangeKind, Desk, Fingerprint, RegistrationId, Standing, Timestamp, Transition,
    access::FrontDesk,
    problems::{GuestWaitlisted, RegistrationCancelled, RegistrationClosed, RegistrationIdInvalid},
};

/// Note that a guest has come, late after all or in time.
#[derive(Clone, Debug)]
pub struct CheckInGuest {
    /// The registration; `None` for an id that names nothing.
    pub registration: Option<RegistrationId>,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
    CheckInGuestRefusal {
        RegistrationIdInvalid,
        RegistrationCancelled,
        GuestWaitlisted,
        RegistrationClosed,
        IdempotencyKeyReused,
    }
}

impl OnRegistration for CheckInGuest {
    type Duty = FrontDesk;
    type Refusal = CheckInGuestRefusal;

    fn registration(&self) -> Option<RegistrationId> {
        self.registration
    }

    fn no_such_registration() -> CheckInGuestRefusal {
        RegistrationIdInvalid.into()
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of("checkInGuest", [&shown(self.registration)])
    }

    fn decide(
        &self,
        id: RegistrationId,
        desk: &mut Desk,
        now: Timestamp,
    ) -> Result<Vec<Transition>, CheckInGuestRefusal> {
        match desk.registrations.get(&id).ok_or(RegistrationIdInvalid)?.standing {
            Standing::Seated | Standing::NoShow => {}
            Standing::SignedIn { .. } => return Ok(Vec::new()),
            Standing::Cancelled { .. } | Standing::WorkshopCancelled { .. } => return Err(RegistrationCancelled.into()),
            Standing::Waiting { .. } => return Err(GuestWaitlisted.into()),
            Standing::Closed => return Err(RegistrationClosed.into()),
        }
        Ok(desk.restand(id, Standing::SignedIn { at: now }, ChangeKind::CheckedIn).into_iter().collect())
    }
}
