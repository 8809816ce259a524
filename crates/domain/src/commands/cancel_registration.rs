//! Cancels a registration. A freed seat goes to the first guest on the waitlist.

use super::{OnRegistration, refusal, targets::on_registration};
use crate::{
    ChangeKind, RegistrationId, Standing, Timestamp, WorkshopAggregate,
    access::ManageRegistrations,
    problems::{GuestMarkedNoShow, GuestSignedIn, InvoiceClosed, RegistrationInvalid},
};

/// Cancels a registration.
#[derive(Clone, Debug)]
pub struct CancelRegistration {
    /// The registration; `None` if the id is malformed.
    pub registration: Option<RegistrationId>,
    /// The reason, at most 500 characters.
    pub reason: Option<String>,
}

refusal! {
    /// The problems of this command, in the order of the checks.
    CancelRegistrationRefusal {
        InputInvalid,
        RegistrationInvalid,
        InvoiceClosed,
        GuestSignedIn,
        GuestMarkedNoShow,
        IdempotencyKeyReused,
    }
}

impl OnRegistration for CancelRegistration {
    type Permission = ManageRegistrations;
    type Refusal = CancelRegistrationRefusal;

    on_registration!("cancelRegistration", RegistrationInvalid, reason: "reason");

    fn may_free_a_seat(&self) -> bool {
        true
    }

    fn decide(
        &self,
        id: RegistrationId,
        aggregate: &mut WorkshopAggregate,
        now: Timestamp,
    ) -> Result<(), CancelRegistrationRefusal> {
        let registration = aggregate.registration(id).ok_or(RegistrationInvalid)?;
        match registration.standing {
            Standing::Seated | Standing::Waiting { .. } => {}
            // A repeated cancellation changes nothing.
            Standing::Cancelled { .. } | Standing::WorkshopCancelled { .. } => return Ok(()),
            Standing::Closed => return Err(InvoiceClosed.into()),
            Standing::SignedIn { .. } => return Err(GuestSignedIn.into()),
            Standing::NoShow => return Err(GuestMarkedNoShow.into()),
        }
        let cancelled = Standing::Cancelled { at: now, reason: self.reason.clone() };
        aggregate.set_standing(id, cancelled, ChangeKind::Cancelled);
        aggregate.promote_waiting(now);
        Ok(())
    }
}
