//! Cancels a workshop. Seated and waitlisted registrations end, and no guest is promoted.

use super::{OnWorkshop, PreloadedRegistrations, refusal, targets::on_workshop};
use crate::{ChangeKind, EditableWorkshop, Stage, Standing, Timestamp, WorkshopId};

/// Cancels a workshop.
#[derive(Clone, Debug)]
pub struct CancelWorkshop {
    /// The workshop; `None` if the id is malformed.
    pub workshop: Option<WorkshopId>,
    /// The reason, which each released registration stores.
    pub reason: Option<String>,
}

refusal! {
    /// The problems of this command, in the order of the checks.
    CancelWorkshopRefusal {
        InputInvalid,
        WorkshopInvalid,
        WorkshopNotEditable,
        IdempotencyKeyReused,
        ResultNotVisible,
    }
}

impl OnWorkshop for CancelWorkshop {
    type Refusal = CancelWorkshopRefusal;

    on_workshop!("cancelWorkshop", Workshop(workshop: "workshopId") or WorkshopInvalid, reason: "reason");

    fn preloaded_registrations(&self) -> PreloadedRegistrations {
        PreloadedRegistrations::WaitlistAndSeated
    }

    fn decide(&self, editable: &mut EditableWorkshop, now: Timestamp) -> Result<(), CancelWorkshopRefusal> {
        if editable.aggregate.workshop.stage == Stage::Cancelled {
            // A repeated cancellation changes nothing.
            return Ok(());
        }
        editable.ensure_editable(now)?;
        let aggregate = &mut editable.aggregate;
        aggregate.workshop.stage = Stage::Cancelled;
        let mut released: Vec<_> = aggregate
            .registrations()
            .filter(|registration| matches!(registration.standing, Standing::Seated | Standing::Waiting { .. }))
            .map(|registration| registration.id)
            .collect();
        // Ids are sorted by time, so the journal lists the registrations in their order.
        released.sort_unstable();
        let standing = Standing::WorkshopCancelled { at: now, reason: self.reason.clone() };
        for id in released {
            aggregate.set_standing(id, standing.clone(), ChangeKind::WorkshopCancelled);
        }
        Ok(())
    }
}
