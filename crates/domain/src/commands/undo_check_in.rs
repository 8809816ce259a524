//! Undoes a check-in.

use super::{OnRegistration, refusal, targets::on_registration};
use crate::{
    ChangeKind, RegistrationId, Stage, Standing, Timestamp, WorkshopAggregate,
    access::OperateFrontDesk,
    problems::{GuestNotSignedIn, GuestWaitlisted, RegistrationCancelled, RegistrationClosed, RegistrationIdInvalid},
};

/// Undoes a check-in.
#[derive(Clone, Debug)]
pub struct UndoCheckIn {
    /// The registration; `None` if the id is malformed.
    pub registration: Option<RegistrationId>,
}

refusal! {
    /// The problems of this command, in the order of the checks.
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
    ) -> Result<(), UndoCheckInRefusal> {
        match aggregate.registration(id).ok_or(RegistrationIdInvalid)?.standing {
            Standing::SignedIn { .. } => {}
            Standing::Cancelled { .. } | Standing::WorkshopCancelled { .. } => return Err(RegistrationCancelled.into()),
            Standing::Waiting { .. } => return Err(GuestWaitlisted.into()),
            Standing::Closed => return Err(RegistrationClosed.into()),
            Standing::Seated | Standing::NoShow => return Err(GuestNotSignedIn.into()),
        }
        match aggregate.workshop.stage {
            // The cancellation of a workshop releases every guest who is not signed in, and now this guest, too.
            Stage::Cancelled => {
                let released = Standing::WorkshopCancelled { at: now, reason: None };
                aggregate.set_standing(id, released, ChangeKind::WorkshopCancelled);
            }
            Stage::Draft | Stage::Published => aggregate.set_standing(id, Standing::Seated, ChangeKind::CheckInUndone),
        }
        Ok(())
    }
}
