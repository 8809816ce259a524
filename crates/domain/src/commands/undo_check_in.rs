//! The guest has not come after all.

use super::{OnRegistration, refusal, targets::on_registration};
use crate::{
    ChangeKind, RegistrationId, Stage, Standing, Timestamp, Transition, WorkshopAggregate,
    access::OperateFrontDesk,
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
    type Permission = OperateFrontDesk;
    type Refusal = UndoCheckInRefusal;

    on_registration!("undoCheckIn", RegistrationIdInvalid);

    fn decide(
        &self,
        id: RegistrationId,
        aggregate: &mut WorkshopAggregate,
        now: Timestamp,
    ) -> Result<Vec<Transition>, UndoCheckInRefusal> {
        match aggregate.registrations.get(&id).ok_or(RegistrationIdInvalid)?.standing {
            Standing::SignedIn { .. } => {}
            Standing::Cancelled { .. } | Standing::WorkshopCancelled { .. } => return Err(RegistrationCancelled.into()),
            Standing::Waiting { .. } => return Err(GuestWaitlisted.into()),
            Standing::Closed => return Err(RegistrationClosed.into()),
            Standing::Seated | Standing::NoShow => return Err(GuestNotSignedIn.into()),
        }
        let undone = match aggregate.workshop.stage {
            // A cancelled workshop has released everybody who had not come, and so it releases this guest.
            Stage::Cancelled => {
                let released = Standing::WorkshopCancelled { at: now, reason: None };
                aggregate.set_standing(id, released, ChangeKind::WorkshopCancelled)
            }
            Stage::Draft | Stage::Published => aggregate.set_standing(id, Standing::Seated, ChangeKind::CheckInUndone),
        };
        Ok(undone.into_iter().collect())
    }
}
