//! Change what a workshop says of itself. Seats that it gains go to the first in line at once.

use super::{Needs, OnWorkshop, Subject, refusal};
use crate::{
    CenterId, ExternalId, Fingerprint, Manuscript, Patch, Timestamp, Transition, Window, WorkshopId,
    manuscript::{ensure_centers, resize},
    problems::{CapacityScope, InputInvalid, InputProblem, VersionConflict, WorkshopInvalid},
};

/// Change a workshop.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct UpdateWorkshop {
    /// The workshop; `None` for an id that names nothing.
    pub workshop: Option<WorkshopId>,
    /// The version that the caller has seen.
    pub expected_version: Option<i32>,
    pub title: Patch<String>,
    pub description: Patch<Option<String>>,
    pub external_id: Patch<Option<ExternalId>>,
    pub opens_at: Patch<Option<Timestamp>>,
    pub closes_at: Patch<Option<Timestamp>>,
    pub capacity: Patch<Option<u32>>,
    pub waitlist_enabled: Patch<bool>,
    pub waitlist_limit: Patch<Option<u32>>,
    /// A center that is `None` was malformed and names nothing.
    pub centers: Patch<Vec<Option<CenterId>>>,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
    UpdateWorkshopRefusal {
        InputInvalid,
        WorkshopInvalid,
        VersionConflict,
        WorkshopNotEditable,
        WindowInvalid,
        CenterInvalid,
        WorkshopNotPublishable,
        ExternalIdTaken,
        CapacityBelowTaken,
        IdempotencyKeyReused,
    }
}

impl OnWorkshop for UpdateWorkshop {
    type Refusal = UpdateWorkshopRefusal;

    fn subject(&self) -> Option<Subject> {
        self.workshop.map(Subject::Workshop)
    }

    fn no_such_subject() -> UpdateWorkshopRefusal {
        WorkshopInvalid.into()
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of("updateWorkshop", [&format!("{self:?}")])
    }

    fn needs(&self) -> Needs {
        if self.capacity == Patch::Keep { Needs::Nobody } else { Needs::TheLine }
    }

    fn centers(&self) -> Vec<CenterId> {
        match &self.centers {
            Patch::Set(centers) => centers.iter().flatten().copied().collect(),
            Patch::Keep => Vec::new(),
        }
    }

    fn external_id(&self) -> Option<&ExternalId> {
        match &self.external_id {
            Patch::Set(id) => id.as_ref(),
            Patch::Keep => None,
        }
    }

    fn decide(&self, manuscript: &mut Manuscript, now: Timestamp) -> Result<Vec<Transition>, UpdateWorkshopRefusal> {
        let current_version = manuscript.version;
        if self.expected_version.is_some_and(|expected| expected != current_version) {
            return Err(VersionConflict { current_version }.into());
        }
        manuscript.ensure_editable(now)?;
        let workshop = &mut manuscript.desk.workshop;
        workshop.window = Window {
            opens_at: self.opens_at.over(&workshop.window.opens_at),
            closes_at: self.closes_at.over(&workshop.window.closes_at),
        };
        workshop.window.ensure_in_order()?;
        workshop.waitlist.enabled = self.waitlist_enabled.over(&workshop.waitlist.enabled);
        workshop.waitlist.limit = self.waitlist_limit.over(&workshop.waitlist.limit);
        manuscript.title = self.title.over(&manuscript.title);
        manuscript.description = self.description.over(&manuscript.description);
        self.ensure_runners(manuscript)?;
        manuscript.ensure_external_id_free()?;
        manuscript.external_id = self.external_id.over(&manuscript.external_id);
        let seats = &mut manuscript.desk.workshop.seats;
        let before = seats.capacity;
        resize(seats, self.capacity.over(&before), CapacityScope::Workshop)?;
        // An edit that adds no seat lets nobody in, whoever was left in line when.
        Ok(if seats.is_raised_from(before) { manuscript.desk.promote_waiting(now) } else { Vec::new() })
    }
}

impl UpdateWorkshop {
    /// Takes the centers, which run every session that takes place.
    fn ensure_runners(&self, manuscript: &mut Manuscript) -> Result<(), UpdateWorkshopRefusal> {
        let Patch::Set(centers) = &self.centers else { return Ok(()) };
        let centers = ensure_centers(centers, &manuscript.desk.centers, &manuscript.known)?;
        let mut sessions = manuscript.sessions.values().filter(|session| session.cancelled_at.is_none());
        if !sessions.all(|session| centers.contains(&session.center)) {
            let sentence = "A session takes place at a center that is left out.".to_owned();
            let field = InputProblem { field: "centerIds".to_owned(), message: sentence };
            return Err(InputInvalid { fields: vec![field] }.into());
        }
        manuscript.desk.centers = centers;
        Ok(manuscript.ensure_still_publishable()?)
    }
}
