use async_graphql::{Context, Object, Result, SimpleObject};
use domain::{
    TrackId,
    commands::remove_track::{RemoveTrack, RemoveTrackRefusal},
    problems::ResultNotVisible,
};

use super::{command_context, edit_workshop, payload, promoted};
use crate::graphql::{
    execution::cost::{PROMOTED, list_cost},
    schema::types::{registration::Registration, workshop::Workshop},
};

/// The track was removed.
#[derive(SimpleObject)]
pub(crate) struct RemoveTrackSuccess {
    /// The workshop without the track.
    workshop: Workshop,
    /// The registrations that got a seat from the waitlist in the same transaction, in the order of the waitlist.
    /// Guests are promoted only if the workshop has not started after this change.
    #[graphql(complexity = "list_cost(PROMOTED, child_complexity)")]
    promoted: Vec<Registration>,
}

payload! {
    /// The workshop without the track, or the first problem found. Problems are checked in the listed order, a reused
    /// idempotency key right after the input.
    RemoveTrackResult = RemoveTrackSuccess or RemoveTrackRefusal {
        TrackInvalid, WorkshopNotEditable, TrackHasRegistrations, WorkshopNotPublishable,
        IdempotencyKeyReused, ResultNotVisible,
    }
}

#[derive(Default)]
pub(super) struct RemoveTrackMutation;

#[Object]
impl RemoveTrackMutation {
    /// Removes a track with its sessions. A track that has or had registrations cannot be removed, nor the last track
    /// of a published workshop.
    async fn remove_track(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the track.")] track_id: i32,
        #[graphql(
            desc = "Makes a retry safe: the same key with the same input returns the first success again, for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<RemoveTrackResult> {
        let context = command_context(ctx, idempotency_key.as_deref())?;
        let edited = match edit_workshop(ctx, RemoveTrack { track: TrackId::new(track_id) }, context).await? {
            Ok(edited) => edited,
            Err(refusal) => return Ok(refusal.into()),
        };
        let Some(workshop) = Workshop::find(ctx, edited.workshop).await? else {
            return Ok(RemoveTrackRefusal::from(ResultNotVisible).into());
        };
        Ok(RemoveTrackSuccess { workshop, promoted: promoted(ctx, &edited.promoted).await? }.into())
    }
}
