use async_graphql::{Context, ID, Object, Result};
use domain::RegistrationId;
use persistence::{AS_WRITTEN, History, RegistrationRow};

use super::{center::Center, change::Change, guest::Guest, node, track::Track, workshop::Workshop};
use crate::graphql::{
    execution::{
        context::loaders,
        cost::lookup_cost,
        fault::{Fault, dangling_reference},
        loaders::ListQuery,
    },
    schema::{
        connection::{Listing, PageArguments, listing, page_cost},
        enums::RegistrationStatus,
        scalars::Instant,
        totals::TotalCount,
    },
};

node!(Registration = RegistrationFields(RegistrationRow), looks up "waitlistPosition");

impl Registration {
    /// Loads a registration that is known to exist.
    pub(in crate::graphql) async fn load(ctx: &Context<'_>, id: RegistrationId) -> Result<Self, Fault> {
        Self::find(ctx, id).await?.ok_or_else(|| dangling_reference("registration"))
    }

    /// Loads a registration; `None` if the caller cannot see it.
    pub(in crate::graphql) async fn find(ctx: &Context<'_>, id: RegistrationId) -> Result<Option<Self>, Fault> {
        Ok(loaders(ctx).registration(id).await?.map(Registration::from))
    }
}

impl RegistrationFields {
    fn registration_id(&self) -> RegistrationId {
        RegistrationId::from_uuid(self.0.id)
    }
}

/// A guest's registration to a workshop, with or without a seat. Visible to ADMIN, to the guest, and to STAFF and
/// PARTNER (`registrations:read` or `registrations:write`) of the center where it was made.
#[Object(name = "Registration")]
impl RegistrationFields {
    /// The id, `reg_…`.
    pub(crate) async fn id(&self) -> ID {
        self.registration_id().to_string().into()
    }

    /// The state of the registration.
    async fn status(&self) -> RegistrationStatus {
        self.0.status.0.into()
    }

    /// The workshop.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn workshop(&self, ctx: &Context<'_>) -> Result<Workshop> {
        Ok(Workshop::load(ctx, self.0.workshop_id).await?)
    }

    /// The track of the workshop.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn track(&self, ctx: &Context<'_>) -> Result<Track> {
        Ok(Track::load(ctx, self.0.track_id).await?)
    }

    /// The guest.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn guest(&self, ctx: &Context<'_>) -> Result<Guest> {
        Ok(Guest::load(ctx, self.0.guest_id).await?)
    }

    /// The center where the guest registered.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn center(&self, ctx: &Context<'_>) -> Result<Center> {
        Ok(Center::load(ctx, self.0.center_id).await?)
    }

    /// The position on the waitlist, 1 for the next guest; null when not waiting. Counted at each request, so it falls
    /// as others leave the waitlist.
    #[graphql(complexity = "lookup_cost(1)")]
    async fn waitlist_position(&self, ctx: &Context<'_>) -> Result<Option<u64>> {
        match self.0.waitlist_number {
            Some(_) => Ok(loaders(ctx).waitlist_position(self.registration_id()).await?),
            None => Ok(None),
        }
    }

    /// Whether the seat came from the waitlist.
    async fn from_waitlist(&self) -> bool {
        self.0.from_waitlist
    }

    /// The note that the front desk wrote with `updateRegistrationNote`, for example about a diet. The guest can read it.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// The instant when the guest registered or joined the waitlist.
    async fn registered_at(&self) -> Instant {
        Instant(self.0.registered_at)
    }

    /// The instant when the guest got a seat from the waitlist.
    async fn promoted_at(&self) -> Option<Instant> {
        self.0.promoted_at.map(Instant)
    }

    /// The instant when the guest checked in.
    async fn checked_in_at(&self) -> Option<Instant> {
        self.0.checked_in_at.map(Instant)
    }

    /// The instant when the registration was cancelled or released.
    async fn cancelled_at(&self) -> Option<Instant> {
        self.0.cancelled_at.map(Instant)
    }

    /// The reason for the cancellation.
    async fn cancel_reason(&self) -> Option<&str> {
        self.0.cancel_reason.as_deref()
    }

    /// The changes to this registration, oldest first.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The number of entries to return from the start, 0 to 100. The default is 20 if `last` is not given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "The number of entries to return from the end, 0 to 100. Cannot be combined with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Returns only entries before this cursor.")] before: Option<String>,
    ) -> Result<Listing<Change>> {
        let page = PageArguments { first, after, last, before }.page(&AS_WRITTEN)?;
        let id = self.registration_id();
        let slice = loaders(ctx)
            .history((id, ListQuery { filter: History, ordering: AS_WRITTEN, page: page.clone() }))
            .await?
            .unwrap_or_default();
        Ok(listing(slice, &page, TotalCount::History(id)))
    }
}
