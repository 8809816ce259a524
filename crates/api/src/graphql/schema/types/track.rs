use async_graphql::{Context, ID, Object, Result};
use domain::{
    CenterId, RegistrationId, TrackId, WorkshopId,
    commands::register_guest::{RegisterGuest, RegistrationForm},
};
use persistence::TrackRow;
use uuid::Uuid;

use super::{
    eligibility::RegistrationEligibility, node, session::Session, things, viewer::calling_guest, workshop::Workshop,
};
use crate::graphql::{
    execution::{
        cost::looked_up,
        fault::{Fault, missing},
        loaders::Loaders,
    },
    schema::scalars::Instant,
};

node!(Track = TrackFields(TrackRow));

impl Track {
    /// The track to which a row refers.
    pub(super) async fn load(ctx: &Context<'_>, number: i32) -> Result<Self, Fault> {
        let id = TrackId::new(number).ok_or_else(|| missing("track"))?;
        Self::find(ctx, id).await?.ok_or_else(|| missing("track"))
    }

    /// The track that was edited, unless it was removed since.
    pub(in crate::graphql) async fn find(ctx: &Context<'_>, id: TrackId) -> Result<Option<Self>, Fault> {
        Ok(ctx.data_unchecked::<Loaders>().track(id).await?.map(Track::from))
    }
}

/// A part of a workshop that guests register to, with sessions of its own.
#[Object(name = "Track")]
impl TrackFields {
    /// `trk_<number>`
    pub(crate) async fn id(&self) -> ID {
        format!("trk_{}", self.0.id).into()
    }

    /// The documented track id (int32), the one that `registerGuest` takes.
    async fn track_id(&self) -> i32 {
        self.0.id
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its own seats in all; null: as many as the workshop has.
    async fn capacity(&self) -> Option<i32> {
        self.0.capacity
    }

    /// Guests who hold a seat on this track.
    async fn seats_taken(&self) -> i32 {
        self.0.seats_taken
    }

    /// Its own seats that nobody holds; the workshop may have fewer. null: as many as the workshop has.
    async fn seats_available(&self) -> Result<Option<u32>> {
        Ok(self.0.seats().map_err(Fault::from)?.available())
    }

    /// The start of its first session; null while there is none.
    async fn starts_at(&self) -> Option<Instant> {
        self.0.starts_at.map(Instant)
    }

    /// The end of its last session; null while there is none.
    async fn ends_at(&self) -> Option<Instant> {
        self.0.ends_at.map(Instant)
    }

    /// The workshop it is a part of.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn workshop(&self, ctx: &Context<'_>) -> Result<Workshop> {
        Ok(Workshop::load(ctx, self.0.workshop_id).await?)
    }

    /// The answer `registerGuest` would give now for this track, from the same rules, without writing anything. It holds
    /// nothing: a seat that is free now may be taken a moment later. On a page all of these are decided together.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn registration_eligibility(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The guest, `gst_…`; when omitted, the one who is calling, and MissingInput where that is none."
        )]
        guest_id: Option<ID>,
        #[graphql(
            desc = "The center, `ctr_…`; when omitted, one that runs the workshop. The rules are the same in all."
        )]
        center_id: Option<ID>,
        #[graphql(default, desc = "Whether the guest asks for a place in line instead of a seat.")] waitlist: bool,
    ) -> Result<RegistrationEligibility> {
        let guest = guest_id.map(String::from).or_else(|| calling_guest(ctx).map(|guest| guest.to_string()));
        let workshop = WorkshopId::from_uuid(self.0.workshop_id);
        let center = match center_id {
            Some(center) => center.to_string(),
            None => {
                let centers = ctx.data_unchecked::<Loaders>().centers_of(workshop).await?.unwrap_or_default();
                // A draft may have none, and is refused before its center is looked at.
                CenterId::from_uuid(centers.first().map_or_else(Uuid::nil, |center| center.id)).to_string()
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

    /// Its sessions, in the order in which they start.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>> {
        let workshop = WorkshopId::from_uuid(self.0.workshop_id);
        let sessions = ctx.data_unchecked::<Loaders>().sessions_of(workshop).await?.unwrap_or_default();
        Ok(things(sessions.iter().filter(|session| session.track_id == self.0.id)))
    }
}
