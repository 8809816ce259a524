use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use domain::{
    ExternalId, InputValidator,
    commands::update_workshop::{UpdateWorkshop, UpdateWorkshopRefusal},
    problems as facts,
};

use super::{caller, edit, patch, payload, promoted};
use crate::graphql::schema::{
    scalars::Instant,
    types::{registration::Registration, workshop::Workshop},
};

/// What is to change. A field that is left out stays as it is.
#[derive(InputObject)]
struct UpdateWorkshopInput {
    /// The version that the caller has read. If somebody made an edit since, this one is refused with `VersionConflict`.
    /// Left out or null: the edit is made whatever others did.
    expected_version: Option<i32>,
    /// What guests read first: 1 to 200 characters, without the space around them. Null: it stays.
    title: Option<String>,
    /// What it is about: at most 10,000 characters, with line breaks. Null clears it.
    description: MaybeUndefined<String>,
    /// Its id in the caller's own system: 1 to 255 characters. No two workshops have the same. Null clears it.
    external_id: MaybeUndefined<String>,
    /// The first instant at which it takes registrations. Null: from its publication on.
    registration_opens_at: MaybeUndefined<Instant>,
    /// The first instant at which it takes none any more. Null: when the first session starts.
    registration_closes_at: MaybeUndefined<Instant>,
    /// Seats in all, 0 to 1,000,000, and no fewer than are taken. New ones go to the first in line at once. Null:
    /// unlimited, which lets everybody in who waits for a track with room.
    capacity: MaybeUndefined<i32>,
    /// Whether guests can wait in line for a seat. Those who wait already go on. Null: it stays.
    waitlist_enabled: Option<bool>,
    /// The longest that the line may grow, 0 to 1,000,000. Those who wait already go on. Null: unlimited.
    waitlist_limit: MaybeUndefined<i32>,
    /// All centers that are to run it. Those of its sessions must be among them. Null: they stay.
    center_ids: Option<Vec<ID>>,
    /// Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours.
    idempotency_key: Option<String>,
}

impl UpdateWorkshopInput {
    fn parse(self, workshop: &str) -> Result<UpdateWorkshop, facts::InputInvalid> {
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

/// The workshop is as it was asked for.
#[derive(SimpleObject)]
pub(crate) struct UpdateWorkshopSuccess {
    /// The workshop.
    workshop: Workshop,
    /// Guests who got a seat from the waitlist in the same transaction, first in line first.
    promoted: Vec<Registration>,
}

payload! {
    /// The workshop with who was promoted, or the problem that stands in the way, in the order in which they are checked.
    UpdateWorkshopResult = UpdateWorkshopSuccess or UpdateWorkshopRefusal {
        InputInvalid, WorkshopInvalid, VersionConflict, WorkshopNotEditable, WindowInvalid, CenterInvalid,
        WorkshopNotPublishable, ExternalIdTaken, CapacityBelowTaken,
        IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct UpdateWorkshopMutation;

#[Object]
impl UpdateWorkshopMutation {
    /// Edits a workshop: all of the input, or nothing of it. An edit raises its `version` by one; one that changes nothing
    /// raises nothing. Seats that become free go to the first in line whose track has room, in the same transaction.
    async fn update_workshop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] workshop_id: ID,
        #[graphql(desc = "What is to change.")] input: UpdateWorkshopInput,
    ) -> Result<UpdateWorkshopResult> {
        let caller = caller(ctx, input.idempotency_key.as_deref())?;
        let command = match input.parse(&workshop_id) {
            Ok(command) => command,
            Err(invalid) => return Ok(UpdateWorkshopRefusal::from(invalid).into()),
        };
        let edited = match edit(ctx, command, caller).await? {
            Ok(edited) => edited,
            Err(refusal) => return Ok(refusal.into()),
        };
        let workshop = Workshop::load(ctx, edited.workshop.uuid()).await?;
        Ok(UpdateWorkshopSuccess { workshop, promoted: promoted(ctx, &edited.promoted).await? }.into())
    }
}
