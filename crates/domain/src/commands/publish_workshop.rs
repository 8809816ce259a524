//! Publishes a draft: guests can register while its window is open.

use super::{OnWorkshop, refusal, targets::on_workshop};
use crate::{EditableWorkshop, Stage, Timestamp, WorkshopId, problems::WorkshopNotEditable};

/// Publishes a draft.
#[derive(Clone, Debug)]
pub struct PublishWorkshop {
    /// The workshop; `None` if the id is malformed.
    pub workshop: Option<WorkshopId>,
}

refusal! {
    /// The problems of this command, in the order of the checks.
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

    fn decide(&self, editable: &mut EditableWorkshop, _now: Timestamp) -> Result<(), PublishWorkshopRefusal> {
        match editable.aggregate.workshop.stage {
            Stage::Draft => {}
            // A repeated publication changes nothing.
            Stage::Published => return Ok(()),
            Stage::Cancelled => return Err(WorkshopNotEditable.into()),
        }
        editable.ensure_publishable()?;
        editable.aggregate.workshop.stage = Stage::Published;
        Ok(())
    }
}
