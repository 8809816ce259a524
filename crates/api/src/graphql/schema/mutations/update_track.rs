use async_graphql::{Context, Object, Result, SimpleObject};
use domain::{
    InputValidator, TrackId,
    commands::update_track::{UpdateTrack, UpdateTrackRefusal},
    problems::{self, TrackInvalid},
};

use super::{add_track::TrackInput, command_context, edit_workshop, payload, promoted};
use crate::graphql::{
    execution::cost::{PROMOTED, list_cost},
    schema::{
        inputs::patch,
        types::{registration::Registration, track::Track},
    },
};

/// The track was updated.
#[derive(SimpleObject)]
pub(crate) struct UpdateTrackSuccess {
    /// The track.
    track: Track,
    /// The registrations that got a seat from the waitlist in the same transaction, in the order of the waitlist.
    #[graphql(complexity = "list_cost(PROMOTED, child_complexity)")]
    promoted: Vec<Registration>,
}

payload! {
    /// The updated track with the promoted registrations, or the first problem found. Problems are checked in the
    /// listed order, a reused idempotency key right after the input.
    UpdateTrackResult = UpdateTrackSuccess or UpdateTrackRefusal {
        InputInvalid, TrackInvalid, WorkshopNotEditable, CapacityBelowTaken,
        IdempotencyKeyReused,
    }
}

fn parse(track: Option<TrackId>, input: TrackInput) -> Result<UpdateTrack, problems::InputInvalid> {
    let mut validator = InputValidator::default();
    let name = input.name.map(|text| validator.name("name", &text));
    let capacity = patch(input.capacity).map(|number| validator.count("capacity", number));
    validator.finish(UpdateTrack { track, name, capacity })
}

#[derive(Default)]
pub(super) struct UpdateTrackMutation;

#[Object]
impl UpdateTrackMutation {
    /// Updates a track. New seats go to the first guests on its waitlist, as far as the workshop has free seats, in the
    /// same transaction.
    async fn update_track(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the track.")] track_id: i32,
        #[graphql(desc = "The fields to change.")] input: TrackInput,
    ) -> Result<UpdateTrackResult> {
        let context = command_context(ctx, input.idempotency_key.as_deref())?;
        let id = TrackId::new(track_id);
        let command = match parse(id, input) {
            Ok(command) => command,
            Err(invalid) => return Ok(UpdateTrackRefusal::from(invalid).into()),
        };
        let edited = match edit_workshop(ctx, command, context).await? {
            Ok(edited) => edited,
            Err(refusal) => return Ok(refusal.into()),
        };
        let track = match id {
            Some(id) => Track::find(ctx, id).await?,
            None => None,
        };
        // The track can have been removed before a retry.
        let Some(track) = track else { return Ok(UpdateTrackRefusal::from(TrackInvalid).into()) };
        Ok(UpdateTrackSuccess { track, promoted: promoted(ctx, &edited.promoted).await? }.into())
    }
}
