use async_graphql::{Context, ID, Object, Result};
use domain::{
    CenterId, RegistrationId, TrackId, WorkshopId,
    commands::register_guest::{RegisterGuest, RegistrationForm},
};
use persistence::TrackRow;
use uuid::Uuid;

use super::{
    eligibility::RegistrationEligibility, node, nodes, session::Session, viewer::calling_guest, workshop::Workshop,
};
use crate::graphql::{
    execution::{
        context::loaders,
        cost::{SESSIONS_OF_TRACK, list_cost, lookup_cost},
        counted::Counted,
        fault::{Fault, dangling_reference},
    },
    schema::scalars::Instant,
};

node!(Track = TrackFields(TrackRow));

impl Track {
    /// Loads the track that a row refers to.
    pub(super) async fn load(ctx: &Context<'_>, number: i32) -> Result<Self, Fault> {
        let id = TrackId::new(number).ok_or_else(|| dangling_reference("track"))?;
        Self::find(ctx, id).await?.ok_or_else(|| dangling_reference("track"))
    }

    /// Loads a track; `None` if it has been removed.
    pub(in crate::graphql) async fn find(ctx: &Context<'_>, id: TrackId) -> Result<Option<Self>, Fault> {
        Ok(loaders(ctx).track(id).await?.map(Track::from))
    }
}

/// A part of a workshop with its own sessions. Guests register to a track.
#[Object(name = "Track")]
impl TrackFields {
    /// The id, `trk_<number>`.
    pub(crate) async fn id(&self) -> ID {
        format!("trk_{}", self.0.id).into()
    }

    /// The documented track id (int32), the one that `registerGuest` takes.
    async fn track_id(&self) -> i32 {
        self.0.id
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The total number of seats on this track. null means that only the workshop's seats limit it.
    async fn capacity(&self) -> Option<i32> {
        self.0.capacity
    }

    /// The number of guests who hold a seat on this track.
    async fn seats_taken(&self) -> i32 {
        self.0.seats_taken
    }

    /// The number of free seats on this track; the workshop can have fewer. null means that only the workshop's seats
    /// limit it.
    async fn seats_available(&self) -> Result<Option<u32>> {
        Ok(self.0.seats().map_err(Fault::from)?.available())
    }

    /// The start of the first session; null if there are no sessions.
    async fn starts_at(&self) -> Option<Instant> {
        self.0.starts_at.map(Instant)
    }

    /// The end of the last session; null if there are no sessions.
    async fn ends_at(&self) -> Option<Instant> {
        self.0.ends_at.map(Instant)
    }

    /// The workshop of the track.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn workshop(&self, ctx: &Context<'_>) -> Result<Workshop> {
        Ok(Workshop::load(ctx, self.0.workshop_id).await?)
    }

    /// The result that `registerGuest` would return now for this track, from the same rules, without writing anything. It
    /// reserves nothing: a free seat can be taken a moment later. All answers of a page are decided together.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn registration_eligibility(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The guest, `gst_…`. The default is the calling guest; MissingInput if the caller is not a guest."
        )]
        guest_id: Option<ID>,
        #[graphql(
            desc = "The center, `ctr_…`. The default is a center that runs the workshop; the rules are the same in all."
        )]
        center_id: Option<ID>,
        #[graphql(default, desc = "Whether the request is for the waitlist instead of a seat.")] waitlist: bool,
    ) -> Result<Counted<RegistrationEligibility>> {
        let guest = guest_id.map(String::from).or_else(|| calling_guest(ctx).map(|guest| guest.to_string()));
        let workshop = WorkshopId::from_uuid(self.0.workshop_id);
        let center = match center_id {
            Some(center) => center.to_string(),
            None => {
                let center = loaders(ctx).first_center_of(workshop).await?;
                // A draft can have no center. It is refused before its center is checked.
                center.unwrap_or_else(|| CenterId::from_uuid(Uuid::nil())).to_string()
            }
        };
        let form = RegistrationForm {
            workshop: &workshop.to_string(),
            track: Some(self.0.id),
            guest: guest.as_deref(),
            center: Some(&center),
            waitlist,
        };
        let request = RegisterGuest::parse(form, RegistrationId::from_uuid(Uuid::now_v7()));
        RegistrationEligibility::of(ctx, request).await
    }

    /// The sessions of the track, by start.
    #[graphql(complexity = "list_cost(SESSIONS_OF_TRACK, child_complexity)")]
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>> {
        let track = (WorkshopId::from_uuid(self.0.workshop_id), self.0.track_id().map_err(Fault::from)?);
        let sessions = loaders(ctx).sessions_of_track(track).await?;
        Ok(nodes(sessions.as_ref()))
    }
}
