use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use domain::{WorkshopId, access::Visibility};
use persistence::{RegistrationFilter, StatisticsScope, StatusCounts, Store, WorkshopRow};

use super::{
    center::Center, node, registration::Registration, session::Session, statistics::Statistics, things, track::Track,
    viewer::calling_guest,
};
use crate::graphql::{
    execution::{
        cost::{added_up, looked_up},
        fault::{Fault, missing},
        loaders::Loaders,
    },
    schema::{
        enums::{RegistrationState, RegistrationStatus, WorkshopStatus},
        field_access::ensure_sees_guests,
        filter::DateRange,
        lists::{Registrations, RegistrationsToWorkshop},
        scalars::Instant,
    },
};

node!(Workshop = WorkshopFields(WorkshopRow));

/// How many registrations of a workshop are in a state.
#[derive(SimpleObject)]
pub(crate) struct RegistrationStatusCount {
    /// The state.
    status: RegistrationStatus,
    /// How many registrations are in it.
    count: u64,
}

impl RegistrationStatusCount {
    /// The counts of all states, by the documented number of the state.
    pub(in crate::graphql) fn of(mut counts: StatusCounts) -> Vec<Self> {
        counts.sort_by_key(|(status, _)| domain::Numbered::number(*status));
        counts.into_iter().map(|(status, count)| Self { status: status.into(), count }).collect()
    }
}

impl WorkshopFields {
    fn workshop_id(&self) -> WorkshopId {
        WorkshopId::from_uuid(self.0.id)
    }

    /// The workshop as the rules see it.
    fn snapshot(&self) -> Result<domain::Workshop, Fault> {
        Ok(self.0.snapshot()?)
    }
}

impl Workshop {
    /// The workshop to which a row refers.
    pub(in crate::graphql) async fn load(ctx: &Context<'_>, id: uuid::Uuid) -> Result<Self, Fault> {
        let row = ctx.data_unchecked::<Loaders>().workshop(WorkshopId::from_uuid(id)).await?;
        row.map(Workshop::from).ok_or_else(|| missing("workshop"))
    }
}

fn now(ctx: &Context<'_>) -> domain::Timestamp {
    ctx.data_unchecked::<Arc<Store>>().clock().now()
}

/// Something to register to: tracks of sessions, seats, a waitlist, and a window in which it takes registrations.
/// A draft is seen by ADMIN, and by STAFF and PARTNER (`workshops:write`) of a center that runs it.
#[Object(name = "Workshop")]
impl WorkshopFields {
    /// `wks_…`
    pub(crate) async fn id(&self) -> ID {
        self.workshop_id().to_string().into()
    }

    /// The id of this workshop in the caller's own system.
    async fn external_id(&self) -> Option<&str> {
        self.0.external_id.as_deref()
    }

    /// What it is called.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// What it is about.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// What it is now.
    async fn status(&self, ctx: &Context<'_>) -> Result<WorkshopStatus> {
        Ok(self.snapshot()?.status(now(ctx)).into())
    }

    /// What a guest can do now. A track that is full on its own may still refuse.
    async fn registration_state(&self, ctx: &Context<'_>) -> Result<RegistrationState> {
        Ok(self.snapshot()?.registration_state(now(ctx)).into())
    }

    /// The first instant at which registrations are taken; null: from the beginning.
    async fn registration_opens_at(&self) -> Option<Instant> {
        self.0.registration_opens_at.map(Instant)
    }

    /// The first instant at which registrations are no longer taken; null: when the first session starts.
    async fn registration_closes_at(&self) -> Option<Instant> {
        self.0.registration_closes_at.map(Instant)
    }

    /// Seats in all; null: unlimited, and then no waitlist applies.
    async fn capacity(&self) -> Option<i32> {
        self.0.capacity
    }

    /// Guests who hold a seat.
    async fn seats_taken(&self) -> i32 {
        self.0.seats_taken
    }

    /// Seats that nobody holds; null: unlimited.
    async fn seats_available(&self) -> Result<Option<u32>> {
        Ok(self.snapshot()?.seats.available())
    }

    /// Whether it keeps a waitlist.
    async fn waitlist_enabled(&self) -> bool {
        self.0.waitlist_enabled
    }

    /// The longest the waitlist may grow; null: unlimited.
    async fn waitlist_limit(&self) -> Option<i32> {
        self.0.waitlist_limit
    }

    /// Guests in line.
    async fn waitlist_length(&self) -> i32 {
        self.0.waitlist_length
    }

    /// The start of the first session; null while there is none.
    async fn starts_at(&self) -> Option<Instant> {
        self.0.starts_at.map(Instant)
    }

    /// The end of the last session; null while there is none.
    async fn ends_at(&self) -> Option<Instant> {
        self.0.ends_at.map(Instant)
    }

    /// The centers that run it, by name.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn centers(&self, ctx: &Context<'_>) -> Result<Vec<Center>> {
        let centers = ctx.data_unchecked::<Loaders>().centers_of(self.workshop_id()).await?;
        Ok(things(&*centers.unwrap_or_default()))
    }

    /// Its tracks, by number.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn tracks(&self, ctx: &Context<'_>) -> Result<Vec<Track>> {
        let tracks = ctx.data_unchecked::<Loaders>().tracks_of(self.workshop_id()).await?;
        Ok(things(&*tracks.unwrap_or_default()))
    }

    /// The sessions of all its tracks, in the order in which they start.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>> {
        let sessions = ctx.data_unchecked::<Loaders>().sessions_of(self.workshop_id()).await?;
        Ok(things(&*sessions.unwrap_or_default()))
    }

    /// The next session that takes place and has not started; null when there is none.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn next_session(&self, ctx: &Context<'_>) -> Result<Option<Session>> {
        let next = ctx.data_unchecked::<Loaders>().next_session_of(self.workshop_id()).await?;
        Ok(next.map(Session::from))
    }

    #[graphql(flatten)]
    async fn registrations(&self) -> RegistrationsToWorkshop {
        RegistrationsToWorkshop(Registrations::To(self.workshop_id()))
    }

    /// The registration of the guest who is calling: the live one, else the latest. null: the guest has never registered,
    /// or the caller is no guest.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn viewer_registration(&self, ctx: &Context<'_>) -> Option<Result<Registration>> {
        let key = (calling_guest(ctx)?, self.workshop_id());
        let row = ctx.data_unchecked::<Loaders>().registration_of_guest_to(key).await;
        row.map_err(Into::into).transpose().map(|row| row.map(Registration::from))
    }

    /// Numbers for a dashboard, added up by the database: each group of them costs one statement for a whole page.
    #[graphql(complexity = "added_up(child_complexity)")]
    async fn statistics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only what was registered, or starts, on these days, at most 366; everything when omitted.")]
        period: Option<DateRange>,
    ) -> Result<Statistics> {
        ensure_sees_guests(ctx, Visibility::registrations)?;
        Statistics::of(StatisticsScope { workshop: Some(self.workshop_id()), center: None }, period)
    }

    /// How many registrations are in each state, by the documented number of the state; states with none are left out.
    #[graphql(complexity = "added_up(child_complexity)")]
    async fn status_counts(&self, ctx: &Context<'_>) -> Result<Vec<RegistrationStatusCount>> {
        ensure_sees_guests(ctx, Visibility::registrations)?;
        let all = (self.workshop_id(), RegistrationFilter::default());
        let counts = ctx.data_unchecked::<Loaders>().status_counts_of_workshop(all).await?;
        Ok(RegistrationStatusCount::of(counts.unwrap_or_default()))
    }

    /// Raised by one at each edit.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was created.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// When it was last edited. Registrations do not edit a workshop.
    async fn updated_at(&self) -> Instant {
        Instant(self.0.updated_at)
    }
}
