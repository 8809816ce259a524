//! Call a workshop off. Whoever has a seat or a place in line is released, and nobody is promoted.

use super::{Needs, OnWorkshop, Subject, refusal};
use crate::{
    ChangeKind, Fingerprint, Manuscript, Stage, Standing, Timestamp, Transition, WorkshopId, problems::WorkshopInvalid,
};

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

    fn subject(&self) -> Option<Subject> {
        self.workshop.map(Subject::Workshop)
    }

    fn no_such_subject() -> CancelWorkshopRefusal {
        WorkshopInvalid.into()
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of("cancelWorkshop", [&format!("{self:?}")])
    }

    fn needs(&self) -> Needs {
        Needs::Everybody
    }

    fn decide(&self, manuscript: &mut Manuscript, now: Timestamp) -> Result<Vec<Transition>, CancelWorkshopRefusal> {
        if manuscript.desk.workshop.stage == Stage::Cancelled {
            // Cancelling twice is the same as cancelling once.
            return Ok(Vec::new());
        }
        manuscript.ensure_editable(now)?;
        let desk = &mut manuscript.desk;
        desk.workshop.stage = Stage::Cancelled;
        let mut released: Vec<_> = desk
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
            .filter_map(|id| desk.restand(id, standing.clone(), ChangeKind::WorkshopCancelled))
            .collect())
    }
}
