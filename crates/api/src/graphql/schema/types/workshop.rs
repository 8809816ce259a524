use async_graphql::{Context, ID, Object, Result};
use domain::{WorkshopId, access::Visibility};
use persistence::{RegistrationFilter, StatisticsScope, WorkshopRow};

use super::{
    center::Center, node, nodes, registration::Registration, session::Session, statistics::Statistics,
    status_count::RegistrationStatusCount, track::Track, viewer::calling_guest,
};
use crate::graphql::{
    execution::{
        context::{loaders, now},
        cost::{CENTERS, SESSIONS_OF_WORKSHOP, TRACKS, aggregate_cost, list_cost, lookup_cost},
        counted::Counted,
        fault::{Fault, dangling_reference},
    },
    schema::{
        enums::{RegistrationState, WorkshopStatus},
        field_access::ensure_sees_guests,
        filter::DateRange,
        lists::RegistrationsOfWorkshop,
        scalars::Instant,
        scope::RegistrationScope,
    },
};

node!(Workshop = WorkshopFields(WorkshopRow));

impl WorkshopFields {
    fn workshop_id(&self) -> WorkshopId {
        WorkshopId::from_uuid(self.0.id)
    }

    /// Returns the workshop for the domain rules.
    fn snapshot(&self) -> Result<domain::Workshop, Fault> {
        Ok(self.0.snapshot()?)
    }
}

impl Workshop {
    /// Loads the workshop that a row refers to.
    pub(in crate::graphql) async fn load(ctx: &Context<'_>, id: uuid::Uuid) -> Result<Self, Fault> {
        Self::find(ctx, WorkshopId::from_uuid(id)).await?.ok_or_else(|| dangling_reference("workshop"))
    }

    /// Loads a workshop; `None` if the caller cannot see it.
    pub(in crate::graphql) async fn find(ctx: &Context<'_>, id: WorkshopId) -> Result<Option<Self>, Fault> {
        Ok(loaders(ctx).workshop(id).await?.map(Workshop::from))
    }
}

/// A workshop with its tracks, sessions, seats, waitlist and registration window. A draft is visible to ADMIN, and to
/// STAFF and PARTNER (`workshops:write`) of a center that runs it.
#[Object(name = "Workshop")]
impl WorkshopFields {
    /// The id, `wks_…`.
    pub(crate) async fn id(&self) -> ID {
        self.workshop_id().to_string().into()
    }

    /// The id of this workshop in the caller's own system.
    async fn external_id(&self) -> Option<&str> {
        self.0.external_id.as_deref()
    }

    /// The title.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// The description.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// The state of the workshop.
    async fn status(&self, ctx: &Context<'_>) -> Result<WorkshopStatus> {
        Ok(self.snapshot()?.status(now(ctx)).into())
    }

    /// How guests can register now. A full track can still refuse a guest.
    async fn registration_state(&self, ctx: &Context<'_>) -> Result<RegistrationState> {
        Ok(self.snapshot()?.registration_state(now(ctx)).into())
    }

    /// The instant when registration opens. null means as soon as the workshop is published.
    async fn registration_opens_at(&self) -> Option<Instant> {
        self.0.registration_opens_at.map(Instant)
    }

    /// The instant when registration closes; at this instant, registrations are no longer accepted. null means when the
    /// first session starts.
    async fn registration_closes_at(&self) -> Option<Instant> {
        self.0.registration_closes_at.map(Instant)
    }

    /// The total number of seats. null means unlimited, without a waitlist.
    async fn capacity(&self) -> Option<i32> {
        self.0.capacity
    }

    /// The number of guests who hold a seat.
    async fn seats_taken(&self) -> i32 {
        self.0.seats_taken
    }

    /// The number of free seats. null means unlimited.
    async fn seats_available(&self) -> Result<Option<u32>> {
        Ok(self.snapshot()?.seats.available())
    }

    /// Whether the workshop has a waitlist.
    async fn waitlist_enabled(&self) -> bool {
        self.0.waitlist_enabled
    }

    /// The maximum length of the waitlist. null means unlimited.
    async fn waitlist_limit(&self) -> Option<i32> {
        self.0.waitlist_limit
    }

    /// The number of guests on the waitlist.
    async fn waitlist_length(&self) -> i32 {
        self.0.waitlist_length
    }

    /// The start of the first session; null if there are no sessions.
    async fn starts_at(&self) -> Option<Instant> {
        self.0.starts_at.map(Instant)
    }

    /// The end of the last session; null if there are no sessions.
    async fn ends_at(&self) -> Option<Instant> {
        self.0.ends_at.map(Instant)
    }

    /// The centers that run the workshop, by name.
    #[graphql(complexity = "list_cost(CENTERS, child_complexity)")]
    async fn centers(&self, ctx: &Context<'_>) -> Result<Vec<Center>> {
        let centers = loaders(ctx).centers_of(self.workshop_id()).await?;
        Ok(nodes(centers.as_ref()))
    }

    /// The tracks of the workshop, by number.
    #[graphql(complexity = "list_cost(TRACKS, child_complexity)")]
    async fn tracks(&self, ctx: &Context<'_>) -> Result<Vec<Track>> {
        let tracks = loaders(ctx).tracks_of(self.workshop_id()).await?;
        Ok(nodes(tracks.as_ref()))
    }

    /// The sessions of all tracks, by start.
    #[graphql(complexity = "list_cost(SESSIONS_OF_WORKSHOP, child_complexity)")]
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>> {
        let sessions = loaders(ctx).sessions_of(self.workshop_id()).await?;
        Ok(nodes(sessions.as_ref()))
    }

    /// The next session that is not cancelled and has not started; null if there is none.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn next_session(&self, ctx: &Context<'_>) -> Result<Option<Session>> {
        let next = loaders(ctx).next_session_of(self.workshop_id()).await?;
        Ok(next.map(Session::from))
    }

    #[graphql(flatten)]
    async fn registrations(&self) -> RegistrationsOfWorkshop {
        RegistrationsOfWorkshop(RegistrationScope::OfWorkshop(self.workshop_id()))
    }

    /// The registration of the calling guest: the live one, otherwise the latest. null if the guest has never
    /// registered, or the caller is not a guest.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn viewer_registration(&self, ctx: &Context<'_>) -> Option<Result<Registration>> {
        let key = (calling_guest(ctx)?, self.workshop_id());
        let row = loaders(ctx).registration_of_guest_to(key).await;
        row.map_err(Into::into).transpose().map(|row| row.map(Registration::from))
    }

    /// Statistics for a dashboard. Each group of numbers costs one statement for a whole page.
    #[graphql(complexity = "aggregate_cost(child_complexity)")]
    async fn statistics(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Counts only registrations that were made, and workshops that start, on these days. At most 366 days; omitted or null counts all."
        )]
        period: Option<DateRange>,
    ) -> Result<Counted<Statistics>> {
        ensure_sees_guests(ctx, Visibility::registrations)?;
        Statistics::of(StatisticsScope { workshop: Some(self.workshop_id()), center: None }, period)
    }

    /// The number of registrations in each state, ordered by the documented number of the state. States without
    /// registrations are omitted.
    #[graphql(complexity = "aggregate_cost(child_complexity)")]
    async fn status_counts(&self, ctx: &Context<'_>) -> Result<Vec<Counted<RegistrationStatusCount>>> {
        ensure_sees_guests(ctx, Visibility::registrations)?;
        let all = (self.workshop_id(), RegistrationFilter::default());
        let counts = loaders(ctx).status_counts_of_workshop(all).await?;
        Ok(RegistrationStatusCount::of(counts.unwrap_or_default()))
    }

    /// The version, raised by one at each edit. Pass it back as `expectedVersion` to refuse a lost update.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The instant when the workshop was created.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// The instant of the last edit. Registrations do not edit a workshop.
    async fn updated_at(&self) -> Instant {
        Instant(self.0.updated_at)
    }
}
