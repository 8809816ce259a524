//! Change what a workshop says of itself. Seats that it gains go to the first in line at once.

use super::{OnWorkshop, PreloadedRegistrations, Subject, refusal};
use crate::{
    CenterId, EditableWorkshop, ExternalId, Fingerprint, Patch, Timestamp, Transition, Window, WorkshopId,
    editable_workshop::{ensure_centers, resize},
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

    fn preloaded_registrations(&self) -> PreloadedRegistrations {
        if self.capacity == Patch::Keep { PreloadedRegistrations::None } else { PreloadedRegistrations::Waitlist }
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

    fn decide(
        &self,
        editable: &mut EditableWorkshop,
        now: Timestamp,
    ) -> Result<Vec<Transition>, UpdateWorkshopRefusal> {
        let current_version = editable.version;
        if self.expected_version.is_some_and(|expected| expected != current_version) {
            return Err(VersionConflict { current_version }.into());
        }
        editable.ensure_editable(now)?;
        let workshop = &mut editable.aggregate.workshop;
        workshop.window = Window {
            opens_at: self.opens_at.over(&workshop.window.opens_at),
            closes_at: self.closes_at.over(&workshop.window.closes_at),
        };
        workshop.window.ensure_in_order()?;
        workshop.waitlist.enabled = self.waitlist_enabled.over(&workshop.waitlist.enabled);
        workshop.waitlist.limit = self.waitlist_limit.over(&workshop.waitlist.limit);
        editable.title = self.title.over(&editable.title);
        editable.description = self.description.over(&editable.description);
        self.ensure_runners(editable)?;
        editable.ensure_external_id_free()?;
        editable.external_id = self.external_id.over(&editable.external_id);
        let seats = &mut editable.aggregate.workshop.seats;
        let before = seats.capacity;
        resize(seats, self.capacity.over(&before), CapacityScope::Workshop)?;
        // An edit that adds no seat lets nobody in, whoever was left in line when.
        Ok(if seats.is_raised_from(before) { editable.aggregate.promote_waiting(now) } else { Vec::new() })
    }
}

impl UpdateWorkshop {
    /// Takes the centers, which run every session that takes place.
    fn ensure_runners(&self, editable: &mut EditableWorkshop) -> Result<(), UpdateWorkshopRefusal> {
        let Patch::Set(centers) = &self.centers else { return Ok(()) };
        let centers = ensure_centers(centers, &editable.aggregate.centers, &editable.known)?;
        let mut sessions = editable.sessions.values().filter(|session| session.cancelled_at.is_none());
        if !sessions.all(|session| centers.contains(&session.center)) {
            let sentence = "A session takes place at a center that is left out.".to_owned();
            let field = InputProblem { field: "centerIds".to_owned(), message: sentence };
            return Err(InputInvalid { fields: vec![field] }.into());
        }
        editable.aggregate.centers = centers;
        Ok(editable.ensure_still_publishable()?)
    }
}
