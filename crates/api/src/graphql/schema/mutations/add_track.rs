use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};
use domain::{
    InputValidator,
    commands::add_track::{AddTrack, AddTrackRefusal},
    problems::{self as facts, TrackInvalid},
};

use super::{caller, edit, payload};
use crate::graphql::schema::types::track::Track;

/// A track to add, or what is to change of one. In a change, a field that is left out stays as it is.
#[derive(InputObject)]
pub(super) struct TrackInput {
    /// What people call it: 1 to 200 characters, without the space around them. Required when adding; null: it stays.
    pub(super) name: Option<String>,
    /// Its own seats in all, 0 to 1,000,000, and no fewer than are taken. New ones go to the first in line for it at
    /// once. Null: as many as the workshop has.
    pub(super) capacity: MaybeUndefined<i32>,
    /// Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours.
    pub(super) idempotency_key: Option<String>,
}

impl TrackInput {
    fn parse(self, workshop: &str) -> Result<AddTrack, facts::InputInvalid> {
        let mut validator = InputValidator::default();
        let name = validator.required("name", self.name).map(|text| validator.name("name", &text));
        let capacity = self.capacity.take().map(|number| validator.count("capacity", number));
        let command = AddTrack { workshop: workshop.parse().ok(), name: name.unwrap_or_default(), capacity };
        validator.finish(command)
    }
}

payload! {
    /// The track, or the problem that stands in the way, in the order in which they are checked. `TrackInvalid` answers a
    /// retry whose track was removed since.
    AddTrackResult = Track or AddTrackRefusal {
        InputInvalid, WorkshopInvalid, WorkshopNotEditable,
        IdempotencyKeyReused, TrackInvalid,
    }
}

#[derive(Default)]
pub(super) struct AddTrackMutation;

#[Object]
impl AddTrackMutation {
    /// Adds a track to a workshop. It raises the workshop's `version`, as does every edit of its tracks and sessions.
    async fn add_track(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] workshop_id: ID,
        #[graphql(desc = "The track.")] input: TrackInput,
    ) -> Result<AddTrackResult> {
        let caller = caller(ctx, input.idempotency_key.as_deref())?;
        let command = match input.parse(&workshop_id) {
            Ok(command) => command,
            Err(invalid) => return Ok(AddTrackRefusal::from(invalid).into()),
        };
        let edited = match edit(ctx, command, caller).await? {
            Ok(edited) => edited,
            Err(refusal) => return Ok(refusal.into()),
        };
        let track = match edited.track {
            Some(id) => Track::find(ctx, id).await?,
            None => None,
        };
        Ok(track.map_or_else(|| AddTrackRefusal::from(TrackInvalid).into(), AddTrackResult::Track))
    }
}
