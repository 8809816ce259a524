use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use domain::{
    ExternalId, InputValidator,
    commands::update_workshop::{UpdateWorkshop, UpdateWorkshopRefusal},
    problems,
};

use super::{command_context, edit_workshop, payload, promoted};
use crate::graphql::{
    execution::cost::{PROMOTED, list_cost},
    schema::{
        inputs::patch,
        scalars::Instant,
        types::{registration::Registration, workshop::Workshop},
    },
};

/// The changes to a workshop. An omitted field keeps its value.
#[derive(InputObject)]
struct UpdateWorkshopInput {
    /// The version that the caller has read. If the workshop has another version, the update is refused with
    /// `VersionConflict`. Omitted or null skips the check.
    expected_version: Option<i32>,
    /// The title: 1 to 200 characters after trimming. null keeps it.
    title: Option<String>,
    /// The description: at most 10,000 characters, with line breaks. null clears it.
    description: MaybeUndefined<String>,
    /// The id of this workshop in the caller's own system: 1 to 255 characters, unique among workshops. A new id has no
    /// spaces around it and no invisible characters. null clears it.
    external_id: MaybeUndefined<String>,
    /// The instant when registration opens. null means as soon as the workshop is published.
    registration_opens_at: MaybeUndefined<Instant>,
    /// The instant when registration closes; at this instant, registrations are no longer accepted. null means when the
    /// first session starts.
    registration_closes_at: MaybeUndefined<Instant>,
    /// The total number of seats, 0 to 1,000,000, and not below the seats taken. New seats go to the first guests on
    /// the waitlist at once. null means unlimited: every waiting guest whose track has a seat is promoted.
    capacity: MaybeUndefined<i32>,
    /// Whether guests can join a waitlist. Guests who already wait keep waiting. null keeps it.
    waitlist_enabled: Option<bool>,
    /// The maximum length of the waitlist, 0 to 1,000,000. Guests who already wait keep waiting. null means unlimited.
    waitlist_limit: MaybeUndefined<i32>,
    /// All centers that run the workshop, at most 100, including those of its sessions. null keeps them.
    center_ids: Option<Vec<ID>>,
    /// Makes a retry safe: the same key with the same input returns the first success again, for 24 hours.
    idempotency_key: Option<String>,
}

impl UpdateWorkshopInput {
    fn parse(self, workshop: &str) -> Result<UpdateWorkshop, problems::InputInvalid> {
        let mut validator = InputValidator::default();
        let command = UpdateWorkshop {
            workshop: workshop.parse().ok(),
            expected_version: self.expected_version,
            title: self.title.map(|text| validator.name("title", &text)),
            description: patch(self.description).map(|text| validator.text("description", &text)),
            external_id: validator.nullable("externalId", &patch(self.external_id), ExternalId::parse),
            opens_at: patch(self.registration_opens_at).map(|instant| instant.0),
            closes_at: patch(self.registration_closes_at).map(|instant| instant.0),
            capacity: patch(self.capacity).map(|number| validator.count("capacity", number)),
            waitlist_enabled: self.waitlist_enabled,
            waitlist_limit: patch(self.waitlist_limit).map(|number| validator.count("waitlistLimit", number)),
            centers: self.center_ids.map(|ids| ids.iter().map(|id| id.parse().ok()).collect()),
        };
        validator.finish(command)
    }
}

/// The workshop was updated.
#[derive(SimpleObject)]
pub(crate) struct UpdateWorkshopSuccess {
    /// The workshop.
    workshop: Workshop,
    /// The registrations that got a seat from the waitlist in the same transaction, in the order of the waitlist.
    #[graphql(complexity = "list_cost(PROMOTED, child_complexity)")]
    promoted: Vec<Registration>,
}

payload! {
    /// The updated workshop with the promoted registrations, or the first problem found. Problems are checked in the
    /// listed order, a reused idempotency key right after the input.
    UpdateWorkshopResult = UpdateWorkshopSuccess or UpdateWorkshopRefusal {
        InputInvalid, WorkshopInvalid, VersionConflict, WorkshopNotEditable, WindowInvalid, TooManyCenters,
        CenterInvalid, WorkshopNotPublishable, ExternalIdTaken, CapacityBelowTaken,
        IdempotencyKeyReused, ResultNotVisible,
    }
}

#[derive(Default)]
pub(super) struct UpdateWorkshopMutation;

#[Object]
impl UpdateWorkshopMutation {
    /// Updates a workshop: either all of the input or none of it. An update raises the `version` by one; an update that
    /// changes nothing does not. Seats that become free go to the first guests on the waitlist whose tracks have seats,
    /// in the same transaction.
    async fn update_workshop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] workshop_id: ID,
        #[graphql(desc = "The fields to change.")] input: UpdateWorkshopInput,
    ) -> Result<UpdateWorkshopResult> {
        let context = command_context(ctx, input.idempotency_key.as_deref())?;
        let command = match input.parse(&workshop_id) {
            Ok(command) => command,
            Err(invalid) => return Ok(UpdateWorkshopRefusal::from(invalid).into()),
        };
        let edited = match edit_workshop(ctx, command, context).await? {
            Ok(edited) => edited,
            Err(refusal) => return Ok(refusal.into()),
        };
        let Some(workshop) = Workshop::find(ctx, edited.workshop).await? else {
            return Ok(UpdateWorkshopRefusal::from(problems::ResultNotVisible).into());
        };
        Ok(UpdateWorkshopSuccess { workshop, promoted: promoted(ctx, &edited.promoted).await? }.into())
    }
}
