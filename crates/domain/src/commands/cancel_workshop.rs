//! Call a workshop off. Whoever has a seat or a place in line is released, and nobody is promoted.

use super::{OnWorkshop, PreloadedRegistrations, refusal, targets::on_workshop};
use crate::{ChangeKind, EditableWorkshop, Stage, Standing, Timestamp, Transition, WorkshopId};

/// Call a workshop off.
#[derive(Clone, Debug)]
pub struct CancelWorkshop {
    /// The workshop; `None` for an id that names nothing.
    pub workshop: Option<WorkshopId>,
    /// Why, for the record of everybody who is released.
    pub reason: Option<String>,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
    CancelWorkshopRefusal {
        InputInvalid,
        WorkshopInvalid,
        WorkshopNotEditable,
        IdempotencyKeyReused,
    }
}

impl OnWorkshop for CancelWorkshop {
    type Refusal = CancelWorkshopRefusal;

    on_workshop!("cancelWorkshop", Workshop(workshop: "workshopId") or WorkshopInvalid, reason: "reason");

    fn preloaded_registrations(&self) -> PreloadedRegistrations {
        PreloadedRegistrations::WaitlistAndSeated
    }

    fn decide(
        &self,
        editable: &mut EditableWorkshop,
        now: Timestamp,
    ) -> Result<Vec<Transition>, CancelWorkshopRefusal> {
        if editable.aggregate.workshop.stage == Stage::Cancelled {
            // Cancelling twice is the same as cancelling once.
            return Ok(Vec::new());
        }
        editable.ensure_editable(now)?;
        let aggregate = &mut editable.aggregate;
        aggregate.workshop.stage = Stage::Cancelled;
        let mut released: Vec<_> = aggregate
            .registrations
            .values()
            .filter(|registration| matches!(registration.standing, Standing::Seated | Standing::Waiting { .. }))
            .map(|registration| registration.id)
            .collect();
        // In the order in which they registered, so that the journal tells it in one.
        released.sort_unstable();
        let standing = Standing::WorkshopCancelled { at: now, reason: self.reason.clone() };
        Ok(released
            .into_iter()
            .filter_map(|id| aggregate.set_standing(id, standing.clone(), ChangeKind::WorkshopCancelled))
            .collect())
    }
}
