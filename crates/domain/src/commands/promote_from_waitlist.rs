//! Gives a seat to a guest on the waitlist, ahead of the guests before them.

use super::{OnRegistration, refusal, targets::on_registration};
use crate::{
    RegistrationId, Standing, Timestamp, WorkshopAggregate,
    access::OperateFrontDesk,
    problems::{GuestNotWaitlisted, RegistrationIdInvalid, WorkshopStarted},
};

/// Gives a seat to a guest on the waitlist, independent of their waitlist number.
#[derive(Clone, Debug)]
pub struct PromoteFromWaitlist {
    /// The registration; `None` if the id is malformed.
    pub registration: Option<RegistrationId>,
}

refusal! {
    /// The problems of this command, in the order of the checks.
    PromoteFromWaitlistRefusal {
        RegistrationIdInvalid,
        GuestNotWaitlisted,
        WorkshopStarted,
        CapacityExceeded,
        IdempotencyKeyReused,
    }
}

impl OnRegistration for PromoteFromWaitlist {
    type Permission = OperateFrontDesk;
    type Refusal = PromoteFromWaitlistRefusal;

    on_registration!("promoteFromWaitlist", RegistrationIdInvalid);

    fn decide(
        &self,
        id: RegistrationId,
        aggregate: &mut WorkshopAggregate,
        now: Timestamp,
    ) -> Result<(), PromoteFromWaitlistRefusal> {
        let registration = aggregate.registration(id).ok_or(RegistrationIdInvalid)?;
        let Standing::Waiting { .. } = registration.standing else { return Err(GuestNotWaitlisted.into()) };
        if aggregate.workshop.has_started(now) {
            return Err(WorkshopStarted.into());
        }
        aggregate.ensure_seat_available(registration.track, now)?;
        aggregate.promote(id, now);
        Ok(())
    }
}
