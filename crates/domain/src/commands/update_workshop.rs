//! Changes a workshop. Added seats go to the first guests on the waitlist.

use super::{OnWorkshop, PreloadedRegistrations, refusal, targets::on_workshop};
use crate::{
    CenterId, EditableWorkshop, ExternalId, Patch, Timestamp, Window, WorkshopId,
    editable_workshop::{ensure_centers, ensure_few_centers, resize},
    problems::{CapacityScope, InputInvalid, VersionConflict},
};

/// Changes a workshop.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct UpdateWorkshop {
    /// The workshop; `None` if the id is malformed.
    pub workshop: Option<WorkshopId>,
    /// The version that the caller has read.
    pub expected_version: Option<i32>,
    pub title: Option<String>,
    pub description: Patch<String>,
    pub external_id: Patch<ExternalId>,
    pub opens_at: Patch<Timestamp>,
    pub closes_at: Patch<Timestamp>,
    pub capacity: Patch<u32>,
    pub waitlist_enabled: Option<bool>,
    pub waitlist_limit: Patch<u32>,
    /// All centers after the update; `None` in the list is a malformed id.
    pub centers: Option<Vec<Option<CenterId>>>,
}

refusal! {
    /// The problems of this command, in the order of the checks.
    UpdateWorkshopRefusal {
        InputInvalid,
        WorkshopInvalid,
        VersionConflict,
        WorkshopNotEditable,
        WindowInvalid,
        TooManyCenters,
        CenterInvalid,
        WorkshopNotPublishable,
        ExternalIdTaken,
        CapacityBelowTaken,
        IdempotencyKeyReused,
        ResultNotVisible,
    }
}

impl OnWorkshop for UpdateWorkshop {
    type Refusal = UpdateWorkshopRefusal;

    on_workshop! {
        "updateWorkshop", Workshop(workshop: "workshopId") or WorkshopInvalid,
        expected_version: "expectedVersion",
        title: "title",
        description: "description",
        external_id: "externalId",
        opens_at: "registrationOpensAt",
        closes_at: "registrationClosesAt",
        capacity: "capacity",
        waitlist_enabled: "waitlistEnabled",
        waitlist_limit: "waitlistLimit",
        centers: "centerIds"
    }

    fn preloaded_registrations(&self) -> PreloadedRegistrations {
        if self.capacity.is_keep() { PreloadedRegistrations::None } else { PreloadedRegistrations::Waitlist }
    }

    fn centers(&self) -> Vec<CenterId> {
        self.centers.iter().flatten().flatten().copied().collect()
    }

    fn external_id(&self) -> Option<&ExternalId> {
        self.external_id.value()
    }

    fn decide(&self, editable: &mut EditableWorkshop, now: Timestamp) -> Result<(), UpdateWorkshopRefusal> {
        let current_version = editable.version;
        if self.expected_version.is_some_and(|expected| expected != current_version) {
            return Err(VersionConflict { current_version }.into());
        }
        editable.ensure_editable(now)?;
        let workshop = &mut editable.aggregate.workshop;
        workshop.window = Window {
            opens_at: self.opens_at.apply_to(workshop.window.opens_at),
            closes_at: self.closes_at.apply_to(workshop.window.closes_at),
        };
        workshop.window.ensure_in_order()?;
        workshop.waitlist.enabled = self.waitlist_enabled.unwrap_or(workshop.waitlist.enabled);
        workshop.waitlist.limit = self.waitlist_limit.apply_to(workshop.waitlist.limit);
        if let Some(title) = &self.title {
            editable.title.clone_from(title);
        }
        editable.description = self.description.clone().apply_to(editable.description.take());
        self.set_centers(editable)?;
        if let Some(external_id) = self.external_id.value() {
            external_id.ensure_assignable(editable.external_id.as_ref().map(ExternalId::as_str))?;
        }
        editable.ensure_external_id_available()?;
        editable.external_id = self.external_id.clone().apply_to(editable.external_id.take());
        let seats = &mut editable.aggregate.workshop.seats;
        let before = seats.capacity;
        resize(seats, self.capacity.apply_to(before), CapacityScope::Workshop)?;
        // Only added seats promote guests: an edit does not hand out seats that were free before.
        if seats.is_raised_from(before) {
            editable.aggregate.promote_waiting(now);
        }
        Ok(())
    }
}

impl UpdateWorkshop {
    /// Sets the centers. Each session that is not cancelled must be at one of them.
    fn set_centers(&self, editable: &mut EditableWorkshop) -> Result<(), UpdateWorkshopRefusal> {
        let Some(centers) = &self.centers else { return Ok(()) };
        ensure_few_centers(centers)?;
        let centers = ensure_centers(centers, &editable.aggregate.centers, &editable.context)?;
        let mut sessions = editable.sessions.values().filter(|session| session.cancelled_at.is_none());
        if !sessions.all(|session| centers.contains(&session.center)) {
            let message = "A session takes place at a center that is left out.";
            return Err(InputInvalid::for_field("centerIds", message).into());
        }
        editable.aggregate.centers = centers;
        Ok(editable.ensure_still_publishable()?)
    }
}
