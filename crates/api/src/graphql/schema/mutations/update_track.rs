use async_graphql::{Context, Object, Result, SimpleObject};
use domain::{
    InputValidator, TrackId,
    commands::update_track::{UpdateTrack, UpdateTrackRefusal},
    problems::{self as facts, TrackInvalid},
};

use super::{add_track::TrackInput, caller, edit, patch, payload, promoted};
use crate::graphql::schema::types::{registration::Registration, track::Track};

/// The track is as it was asked for.
#[derive(SimpleObject)]
pub(crate) struct UpdateTrackSuccess {
    /// The track.
    track: Track,
    /// Guests who got a seat from the waitlist in the same transaction, first in line first.
    promoted: Vec<Registration>,
}

payload! {
    /// The track with who was promoted, or the problem that stands in the way, in the order in which they are checked.
    UpdateTrackResult = UpdateTrackSuccess or UpdateTrackRefusal {
        InputInvalid, TrackInvalid, WorkshopNotEditable, CapacityBelowTaken,
        IdempotencyKeyReused,
    }
}

fn parse(track: Option<TrackId>, input: TrackInput) -> Result<UpdateTrack, facts::InputInvalid> {
    let mut validator = InputValidator::default();
    let name = input.name.map(|text| validator.name("name", &text));
    let capacity = patch(input.capacity).map(|number| validator.count("capacity", number));
    validator.finish(UpdateTrack { track, name, capacity })
}

#[derive(Default)]
pub(super) struct UpdateTrackMutation;

#[Object]
impl UpdateTrackMutation {
    /// Edits a track. Seats that it gains go to the first in line for it, as far as the workshop has seats, in the same
    /// transaction.
    async fn update_track(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the track.")] track_id: i32,
        #[graphql(desc = "What is to change.")] input: TrackInput,
    ) -> Result<UpdateTrackResult> {
        let caller = caller(ctx, input.idempotency_key.as_deref())?;
        let id = TrackId::new(track_id);
        let command = match parse(id, input) {
            Ok(command) => command,
            Err(invalid) => return Ok(UpdateTrackRefusal::from(invalid).into()),
        };
        let edited = match edit(ctx, command, caller).await? {
            Ok(edited) => edited,
            Err(refusal) => return Ok(refusal.into()),
        };
        let track = match id {
            Some(id) => Track::find(ctx, id).await?,
            None => None,
        };
        // A retry may come after the track was removed.
        let Some(track) = track else { return Ok(UpdateTrackRefusal::from(TrackInvalid).into()) };
        Ok(UpdateTrackSuccess { track, promoted: promoted(ctx, &edited.promoted).await? }.into())
    }
}
