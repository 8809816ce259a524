//! The guest has not come after all.

use super::{OnRegistration, refusal, shown};
use crate::{
    ChangeKind, Desk, Fingerprint, RegistrationId, Stage, Standing, Timestamp, Transition,
    access::FrontDesk,
    problems::{GuestNotSignedIn, GuestWaitlisted, RegistrationCancelled, RegistrationClosed, RegistrationIdInvalid},
};

/// Take a check-in back.
#[derive(Clone, Debug)]
pub struct UndoCheckIn {
    /// The registration; `None` for an id that names nothing.
    pub registration: Option<RegistrationId>,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
    UndoCheckInRefusal {
        RegistrationIdInvalid,
        RegistrationCancelled,
        GuestWaitlisted,
        RegistrationClosed,
        GuestNotSignedIn,
        IdempotencyKeyReused,
    }
}

impl OnRegistration for UndoCheckIn {
    type Duty = FrontDesk;
    type Refusal = UndoCheckInRefusal;

    fn registration(&self) -> Option<RegistrationId> {
        self.registration
    }

    fn no_such_registration() -> UndoCheckInRefusal {
        RegistrationIdInvalid.into()
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of("undoCheckIn", [&shown(self.registration)])
    }

    fn decide(
        &self,
        id: RegistrationId,
        desk: &mut Desk,
        now: Timestamp,
    ) -> Result<Vec<Transition>, UndoCheckInRefusal> {
        match desk.registrations.get(&id).ok_or(RegistrationIdInvalid)?.standing {
            Standing::SignedIn { .. } => {}
            Standing::Cancelled { .. } | Standing::WorkshopCancelled { .. } => return Err(RegistrationCancelled.into()),
            Standing::Waiting { .. } => return Err(GuestWaitlisted.into()),
            Standing::Closed => return Err(RegistrationClosed.into()),
            Standing::Seated | Standing::NoShow => return Err(GuestNotSignedIn.into()),
        }
        let undone = match desk.workshop.stage {
            // A cancelled workshop has released everybody who had not come, and so it releases this guest.
            Stage::Cancelled => {
                let released = Standing::WorkshopCancelled { at: now, reason: None };
                desk.restand(id, released, ChangeKind::WorkshopCancelled)
            }
            Stage::Draft | Stage::Published => desk.restand(id, Standing::Seated, ChangeKind::CheckInUndone),
        };
        Ok(undone.into_iter().collect())
    }
}
