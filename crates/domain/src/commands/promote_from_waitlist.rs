//! One who waits gets a seat out of turn.

use super::{OnRegistration, refusal, targets::on_registration};
use crate::{
    RegistrationId, Standing, Timestamp, Transition, WorkshopAggregate,
    access::OperateFrontDesk,
    problems::{GuestNotWaitlisted, RegistrationIdInvalid, WorkshopStarted},
};

/// Give a seat to one who waits, past those ahead.
#[derive(Clone, Debug)]
pub struct PromoteFromWaitlist {
    /// The registration; `None` for an id that names nothing.
    pub registration: Option<RegistrationId>,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
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
    ) -> Result<Vec<Transition>, PromoteFromWaitlistRefusal> {
        let registration = aggregate.registrations.get(&id).ok_or(RegistrationIdInvalid)?;
        let Standing::Waiting { .. } = registration.standing else { return Err(GuestNotWaitlisted.into()) };
        if aggregate.workshop.has_started(now) {
            return Err(WorkshopStarted.into());
        }
        aggregate.ensure_seat_available(registration.track, now)?;
        Ok(aggregate.promote(id, now).into_iter().collect())
    }
}
