//! Let guests register, once the window is open.

use super::{OnWorkshop, refusal, targets::on_workshop};
use crate::{EditableWorkshop, Stage, Timestamp, Transition, WorkshopId, problems::WorkshopNotEditable};

/// Publish a draft.
#[derive(Clone, Debug)]
pub struct PublishWorkshop {
    /// The workshop; `None` for an id that names nothing.
    pub workshop: Option<WorkshopId>,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
    PublishWorkshopRefusal {
        WorkshopInvalid,
        WorkshopNotEditable,
        WorkshopNotPublishable,
        IdempotencyKeyReused,
    }
}

impl OnWorkshop for PublishWorkshop {
    type Refusal = PublishWorkshopRefusal;

    on_workshop!("publishWorkshop", Workshop(workshop: "workshopId") or WorkshopInvalid);

    fn decide(
        &self,
        editable: &mut EditableWorkshop,
        _now: Timestamp,
    ) -> Result<Vec<Transition>, PublishWorkshopRefusal> {
        match editable.aggregate.workshop.stage {
            Stage::Draft => {}
            // Publishing twice is the same as publishing once.
            Stage::Published => return Ok(Vec::new()),
            Stage::Cancelled => return Err(WorkshopNotEditable.into()),
        }
        editable.ensure_publishable()?;
        editable.aggregate.workshop.stage = Stage::Published;
        Ok(Vec::new())
    }
}
