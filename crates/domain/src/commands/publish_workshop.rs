//! Let guests register, once the window is open.

use super::{OnWorkshop, Subject, refusal};
use crate::{
    Fingerprint, Manuscript, Stage, Timestamp, Transition, WorkshopId,
    problems::{WorkshopInvalid, WorkshopNotEditable},
};

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

    fn subject(&self) -> Option<Subject> {
        self.workshop.map(Subject::Workshop)
    }

    fn no_such_subject() -> PublishWorkshopRefusal {
        WorkshopInvalid.into()
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of("publishWorkshop", [&format!("{self:?}")])
    }

    fn decide(&self, manuscript: &mut Manuscript, _now: Timestamp) -> Result<Vec<Transition>, PublishWorkshopRefusal> {
        match manuscript.desk.workshop.stage {
            Stage::Draft => {}
            // Publishing twice is the same as publishing once.
            Stage::Published => return Ok(Vec::new()),
            Stage::Cancelled => return Err(WorkshopNotEditable.into()),
        }
        manuscript.ensure_publishable()?;
        manuscript.desk.workshop.stage = Stage::Published;
        Ok(Vec::new())
    }
}
