use async_graphql::{Context, ID, Object, Result, SimpleObject};
use domain::{
    TrackId,
    commands::change_track::{ChangeTrack, ChangeTrackRefusal},
};

use super::{change_registration, payload, promoted};
use crate::graphql::{
    execution::cost::{PROMOTED, list_cost},
    schema::types::{registration::Registration, workshop::Workshop},
};

/// The registration moved to the track.
#[derive(SimpleObject)]
pub(crate) struct ChangeTrackSuccess {
    /// The registration.
    registration: Registration,
    /// The registrations that got a seat from the waitlist in the same transaction, in the order of the waitlist. A
    /// waitlisted guest can get a seat on the new track, and is then one of them.
    #[graphql(complexity = "list_cost(PROMOTED, child_complexity)")]
    promoted: Vec<Registration>,
    /// The workshop, with its current seats.
    workshop: Workshop,
}

payload! {
    /// The registration on its new track with the promoted registrations, or the problem that prevented it.
    ChangeTrackResult = ChangeTrackSuccess or ChangeTrackRefusal {
        RegistrationIdInvalid, TrackNotInWorkshop, RegistrationCancelled, RegistrationClosed, CapacityExceeded,
        IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct ChangeTrackMutation;

#[Object]
impl ChangeTrackMutation {
    /// Moves a live registration to another track of its workshop. It keeps its seat or its position on the waitlist.
    /// If the guest holds a seat, the new track must have a free one. A seat that becomes free on the old track goes to
    /// the first guest on the waitlist for that track.
    async fn change_track(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The registration, `reg_…`.")] registration_id: ID,
        #[graphql(desc = "The number of the new track.")] track_id: i32,
        #[graphql(
            desc = "Makes a retry safe: the same key with the same input returns the first success again, for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<ChangeTrackResult> {
        let command = ChangeTrack { registration: registration_id.parse().ok(), track: TrackId::new(track_id) };
        let changed = match change_registration(ctx, command, idempotency_key).await? {
            Ok(changed) => changed,
            Err(refusal) => return Ok(refusal.into()),
        };
        let registration = Registration::load(ctx, changed.registration).await?;
        let workshop = Workshop::load(ctx, registration.0.workshop_id).await?;
        let promoted = promoted(ctx, &changed.promoted).await?;
        Ok(ChangeTrackSuccess { registration, promoted, workshop }.into())
    }
}
