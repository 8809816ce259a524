//! Marks a guest as a no-show: the guest has a seat and did not come.

use super::{OnRegistration, refusal, targets::on_registration};
use crate::{
    ChangeKind, RegistrationId, Standing, Timestamp, WorkshopAggregate,
    access::OperateFrontDesk,
    problems::{
        GuestSignedIn, GuestWaitlisted, RegistrationCancelled, RegistrationClosed, RegistrationIdInvalid,
        WorkshopNotStarted,
    },
};

/// Marks a guest as a no-show.
#[derive(Clone, Debug)]
pub struct MarkNoShow {
    /// The registration; `None` if the id is malformed.
    pub registration: Option<RegistrationId>,
}

refusal! {
    /// The problems of this command, in the order of the checks.
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
    type Permission = OperateFrontDesk;
    type Refusal = MarkNoShowRefusal;

    on_registration!("markNoShow", RegistrationIdInvalid);

    fn decide(
        &self,
        id: RegistrationId,
        aggregate: &mut WorkshopAggregate,
        now: Timestamp,
    ) -> Result<(), MarkNoShowRefusal> {
        match aggregate.registration(id).ok_or(RegistrationIdInvalid)?.standing {
            Standing::Seated => {}
            Standing::NoShow => return Ok(()),
            Standing::Cancelled { .. } | Standing::WorkshopCancelled { .. } => return Err(RegistrationCancelled.into()),
            Standing::Waiting { .. } => return Err(GuestWaitlisted.into()),
            Standing::Closed => return Err(RegistrationClosed.into()),
            Standing::SignedIn { .. } => return Err(GuestSignedIn.into()),
        }
        if !aggregate.workshop.has_started(now) {
            return Err(WorkshopNotStarted.into());
        }
        aggregate.set_standing(id, Standing::NoShow, ChangeKind::MarkedNoShow);
        Ok(())
    }
}
