//! Checks in a guest.

use super::{OnRegistration, refusal, targets::on_registration};
use crate::{
    ChangeKind, RegistrationId, Standing, Timestamp, WorkshopAggregate,
    access::OperateFrontDesk,
    problems::{GuestWaitlisted, RegistrationCancelled, RegistrationClosed, RegistrationIdInvalid},
};

/// Checks in a guest, also one who was marked as a no-show.
#[derive(Clone, Debug)]
pub struct CheckInGuest {
    /// The registration; `None` if the id is malformed.
    pub registration: Option<RegistrationId>,
}

refusal! {
    /// The problems of this command, in the order of the checks.
    CheckInGuestRefusal {
        RegistrationIdInvalid,
        RegistrationCancelled,
        GuestWaitlisted,
        RegistrationClosed,
        IdempotencyKeyReused,
    }
}

impl OnRegistration for CheckInGuest {
    type Permission = OperateFrontDesk;
    type Refusal = CheckInGuestRefusal;

    on_registration!("checkInGuest", RegistrationIdInvalid);

    fn decide(
        &self,
        id: RegistrationId,
        aggregate: &mut WorkshopAggregate,
        now: Timestamp,
    ) -> Result<(), CheckInGuestRefusal> {
        match aggregate.registration(id).ok_or(RegistrationIdInvalid)?.standing {
            Standing::Seated | Standing::NoShow => {}
            Standing::SignedIn { .. } => return Ok(()),
            Standing::Cancelled { .. } | Standing::WorkshopCancelled { .. } => return Err(RegistrationCancelled.into()),
            Standing::Waiting { .. } => return Err(GuestWaitlisted.into()),
            Standing::Closed => return Err(RegistrationClosed.into()),
        }
        aggregate.set_standing(id, Standing::SignedIn { at: now }, ChangeKind::CheckedIn);
        Ok(())
    }
}
