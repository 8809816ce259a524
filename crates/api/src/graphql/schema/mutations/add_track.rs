use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};
use domain::{
    InputValidator,
    commands::add_track::{AddTrack, AddTrackRefusal},
    problems::{self, TrackInvalid},
};

use super::{command_context, edit_workshop, payload};
use crate::graphql::schema::types::track::Track;

/// The data of a track. In an update, an omitted field keeps its value.
#[derive(InputObject)]
pub(super) struct TrackInput {
    /// The name: 1 to 200 characters after trimming. Required for a new track; in an update, null keeps it.
    pub(super) name: Option<String>,
    /// The total number of seats on the track, 0 to 1,000,000, and not below the seats taken. New seats go to the first
    /// guests on the waitlist of the track at once. null means that only the workshop's seats limit the track.
    pub(super) capacity: MaybeUndefined<i32>,
    /// Makes a retry safe: the same key with the same input returns the first success again, for 24 hours.
    pub(super) idempotency_key: Option<String>,
}

impl TrackInput {
    fn parse(self, workshop: &str) -> Result<AddTrack, problems::InputInvalid> {
        let mut validator = InputValidator::default();
        let name = validator.required("name", self.name).map(|text| validator.name("name", &text));
        let capacity = self.capacity.take().map(|number| validator.count("capacity", number));
        let command = AddTrack { workshop: workshop.parse().ok(), name: name.unwrap_or_default(), capacity };
        validator.finish(command)
    }
}

payload! {
    /// The added track, or the first problem found. Problems are checked in the listed order, a reused idempotency key
    /// right after the input. A retry returns `TrackInvalid` if the track has been removed, or is not
    /// visible to the caller any more.
    AddTrackResult = Track or AddTrackRefusal {
        InputInvalid, WorkshopInvalid, WorkshopNotEditable, TooManyTracks,
        IdempotencyKeyReused, TrackInvalid,
    }
}

#[derive(Default)]
pub(super) struct AddTrackMutation;

#[Object]
impl AddTrackMutation {
    /// Adds a track to a workshop. Every edit of tracks and sessions raises the workshop's `version` by one.
    async fn add_track(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] workshop_id: ID,
        #[graphql(desc = "The track to add.")] input: TrackInput,
    ) -> Result<AddTrackResult> {
        let context = command_context(ctx, input.idempotency_key.as_deref())?;
        let command = match input.parse(&workshop_id) {
            Ok(command) => command,
            Err(invalid) => return Ok(AddTrackRefusal::from(invalid).into()),
        };
        let edited = match edit_workshop(ctx, command, context).await? {
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
