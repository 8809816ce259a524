//! The lookups of one request: keys that are requested together are loaded in one statement.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::NaiveDate;
use domain::{
    CenterId, ExternalId, GuestId, JournalEntryId, Period, RegistrationId, SessionId, TrackId, WorkshopId,
    access::Authority,
    commands::register_guest::{RegisterGuest, RegisterGuestRefusal},
};
use futures_util::FutureExt;
use persistence::{
    CenterRow, ChangeOrder, ChangeRow, Filter, GuestRow, History, OrderField, Ordering, Page, Parent,
    RegistrationFilter, RegistrationOrder, RegistrationRow, RegistrationTotals, SeatTotals, SessionRow, Slice,
    StatisticsScope, StatusCounts, StoreError, TrackRow, View, WorkshopFilter, WorkshopOrder, WorkshopRow,
};

use super::{batch::Batch, fault::Fault, response_size::ResponseLimits};

/// A page of a list. The same page of several parents is loaded in one statement.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(in crate::graphql) struct ListQuery<F, O> {
    pub(in crate::graphql) filter: F,
    pub(in crate::graphql) ordering: Ordering<O>,
    pub(in crate::graphql) page: Page,
}

type WorkshopList = ListQuery<WorkshopFilter, WorkshopOrder>;
type RegistrationList = ListQuery<RegistrationFilter, RegistrationOrder>;

/// Rows that several fields share.
type Rows<R> = Arc<[R]>;

/// Writes [`Loaders`]: a batch and a method for each lookup. The method returns `None` for a key without a value.
macro_rules! loaders {
    ($($(#[$doc:meta])* $name:ident($key:ty) -> $value:ty = |$view:ident, $keys:ident $(, $limits:ident)?| $load:expr;)+) => {
        /// One batch for each lookup. Clones share their batches.
        #[derive(Clone)]
        pub(in crate::graphql) struct Loaders {
            view: Arc<View>,
            limits: ResponseLimits,
            $($name: Batch<$key, $value>),+
        }

        impl Loaders {
            pub(in crate::graphql) fn new(view: View, limits: ResponseLimits) -> Self {
                Self { view: Arc::new(view), limits, $($name: Batch::default()),+ }
            }

            /// Returns the view that is queried.
            pub(in crate::graphql) fn view(&self) -> Arc<View> {
                self.view.clone()
            }

            $($(#[$doc])* pub(in crate::graphql) async fn $name(&self, key: $key) -> Result<Option<$value>, Fault> {
                let $view = self.view.clone();
                $(let $limits = self.limits;)?
                // Boxed, because the future of a statement is large and would make every waiting future large.
                self.$name.load(key, move |$keys: Vec<$key>| async move { $load }.boxed()).await
            })+
        }
    };
}

/// Loads the numbers of each period, and adds the period to their keys.
macro_rules! by_period {
    ($keys:ident, |$period:ident, $scopes:ident| $load:expr) => {{
        let mut loaded = HashMap::new();
        for ($period, $scopes) in group_keys($keys) {
            loaded.extend($load.into_iter().map(|(scope, numbers)| ((scope, $period), numbers)));
        }
        Ok(loaded)
    }};
}

loaders! {
    workshop(WorkshopId) -> WorkshopRow =
        |view, ids| Ok(by_id(view.workshops(&ids).await?, |row| WorkshopId::from_uuid(row.id)));
    session(SessionId) -> SessionRow =
        |view, ids| Ok(by_id(view.sessions(&ids).await?, |row| SessionId::from_uuid(row.id)));
    center(CenterId) -> CenterRow =
        |view, ids| Ok(by_id(view.centers(&ids).await?, |row| CenterId::from_uuid(row.id)));
    guest(GuestId) -> GuestRow =
        |view, ids| Ok(by_id(view.guests(&ids).await?, |row| GuestId::from_uuid(row.id)));
    registration(RegistrationId) -> RegistrationRow =
        |view, ids| Ok(by_id(view.registrations(&ids).await?, |row| RegistrationId::from_uuid(row.id)));
    track(TrackId) -> TrackRow = |view, ids| {
        let rows = view.tracks(&ids).await?.into_iter();
        Ok(rows.map(|row| Ok((row.track_id()?, row))).collect::<Result<_, StoreError>>()?)
    };
    workshop_by_external_id(ExternalId) -> WorkshopRow = |view, ids| Ok(by_external_id(
        view.workshops_by_external_ids(&ids).await?, |row| row.external_id.as_deref()));
    guest_by_external_id(ExternalId) -> GuestRow = |view, ids| Ok(by_external_id(
        view.guests_by_external_ids(&ids).await?, |row| row.external_id.as_deref()));
    center_by_external_id(ExternalId) -> CenterRow = |view, ids| Ok(by_external_id(
        view.centers_by_external_ids(&ids).await?, |row| row.external_id.as_deref()));
    change(JournalEntryId) -> ChangeRow =
        |view, ids| Ok(by_id(view.changes(&ids).await?, |row| JournalEntryId::from_uuid(row.id)));
    /// The tracks, by number.
    tracks_of(WorkshopId) -> Rows<TrackRow> =
        |view, ids| Ok(grouped(view.tracks_of_workshops(&ids).await?, |row| WorkshopId::from_uuid(row.workshop_id)));
    /// The sessions, by start.
    sessions_of(WorkshopId) -> Rows<SessionRow> = |view, ids, limits| Ok(grouped(
        sessions_of_workshops(&view, &ids, limits).await?, |row| WorkshopId::from_uuid(row.workshop_id)));
    /// The next session that is not cancelled and has not started.
    next_session_of(WorkshopId) -> SessionRow =
        |view, ids| Ok(by_id(view.next_sessions(&ids).await?, |row| WorkshopId::from_uuid(row.workshop_id)));
    /// The centers, by name.
    centers_of(WorkshopId) -> Rows<CenterRow> =
        |view, ids| Ok(shared(view.centers_of_workshops(&ids).await?));
    /// The position on the waitlist, from 1.
    waitlist_position(RegistrationId) -> u64 = |view, ids| Ok(view.waitlist_positions(&ids).await?);
    /// The live registration, otherwise the latest.
    registration_of_guest_to((GuestId, WorkshopId)) -> RegistrationRow = |view, keys| {
        let mut loaded = HashMap::new();
        for (guest, workshops) in group_keys(keys.into_iter().map(|(guest, workshop)| (workshop, guest)).collect()) {
            let rows = view.registrations_of_guest_to(guest, &workshops).await?;
            loaded.extend(rows.into_iter().map(|row| ((guest, WorkshopId::from_uuid(row.workshop_id)), row)));
        }
        Ok(loaded)
    };
    eligibility(RegisterGuest) -> Result<(), RegisterGuestRefusal> =
        |view, requests| Ok(view.would_register_guests(requests).await?.into_iter().collect());
    seat_totals((StatisticsScope, Option<Period>)) -> SeatTotals =
        |view, keys| by_period!(keys, |period, scopes| view.seat_totals(&scopes, period).await?);
    registration_totals((StatisticsScope, Option<Period>)) -> RegistrationTotals =
        |view, keys| by_period!(keys, |period, scopes| view.registration_totals(&scopes, period).await?);
    /// The registrations of each day; days without registrations are omitted.
    registrations_per_day((StatisticsScope, Period)) -> HashMap<NaiveDate, i64> =
        |view, keys| by_period!(keys, |period, scopes| view.registrations_per_day(&scopes, period).await?);
    workshops_of_center((CenterId, WorkshopList)) -> Slice<WorkshopRow> = |view, keys| pages(&view, keys).await;
    workshop_count_of_center((CenterId, WorkshopFilter)) -> u64 = |view, keys| counts(&view, keys).await;
    registrations_of_workshop((WorkshopId, RegistrationList)) -> Slice<RegistrationRow> =
        |view, keys| pages(&view, keys).await;
    registrations_of_guest((GuestId, RegistrationList)) -> Slice<RegistrationRow> =
        |view, keys| pages(&view, keys).await;
    registration_count_of_workshop((WorkshopId, RegistrationFilter)) -> u64 = |view, keys| counts(&view, keys).await;
    registration_count_of_guest((GuestId, RegistrationFilter)) -> u64 = |view, keys| counts(&view, keys).await;
    status_counts_of_workshop((WorkshopId, RegistrationFilter)) -> StatusCounts =
        |view, keys| status_counts(&view, keys).await;
    status_counts_of_guest((GuestId, RegistrationFilter)) -> StatusCounts =
        |view, keys| status_counts(&view, keys).await;
    history((RegistrationId, ListQuery<History, ChangeOrder>)) -> Slice<ChangeRow> = |view, keys| pages(&view, keys).await;
    history_length(RegistrationId) -> u64 = |view, ids| Ok(view.count_of(&ids, &History).await?);
}

/// The loaders of running subscriptions. Subscriptions of the same authority share one, and so their statements.
#[derive(Clone, Default)]
pub(in crate::graphql) struct SharedLoaders(Arc<Mutex<HashMap<Authority, Loaders>>>);

impl SharedLoaders {
    /// Returns the loaders of this authority, and drops those that are no longer used.
    pub(in crate::graphql) fn of(&self, authority: Authority, new: impl FnOnce(Authority) -> Loaders) -> Loaders {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaders) = shared.get(&authority) {
            return loaders.clone();
        }
        shared.retain(|_, loaders| Arc::strong_count(&loaders.view) > 1);
        let loaders = new(authority.clone());
        shared.insert(authority, loaders.clone());
        loaders
    }
}

type LoadResult<K, V> = Result<HashMap<K, V>, Fault>;

async fn pages<P: Parent<F>, F: Filter, O: OrderField<Entity = F::Entity> + Eq + Hash>(
    view: &View,
    keys: Vec<(P, ListQuery<F, O>)>,
) -> LoadResult<(P, ListQuery<F, O>), Slice<F::Row>> {
    let mut loaded = HashMap::new();
    for (query, parents) in group_keys(keys) {
        let slices = view.list_of(&parents, &query.filter, query.ordering, &query.page).await?;
        loaded.extend(slices.into_iter().map(|(parent, slice)| ((parent, query.clone()), slice)));
    }
    Ok(loaded)
}

/// Loads the sessions of workshops. A workshop can have thousands, so they are bounded before they are in memory.
pub(crate) async fn sessions_of_workshops(
    view: &View,
    ids: &[WorkshopId],
    limits: ResponseLimits,
) -> Result<Vec<SessionRow>, Fault> {
    let sessions = view.sessions_of_workshops(ids, limits.objects.saturating_add(1)).await?;
    limits.ensure(sessions.len(), 0).map_err(Fault::ResponseTooLarge)?;
    Ok(sessions)
}

async fn counts<P: Parent<F>, F: Filter>(view: &View, keys: Vec<(P, F)>) -> LoadResult<(P, F), u64> {
    let mut loaded = HashMap::new();
    for (filter, parents) in group_keys(keys) {
        let counts = view.count_of(&parents, &filter).await?;
        loaded.extend(counts.into_iter().map(|(parent, count)| ((parent, filter.clone()), count)));
    }
    Ok(loaded)
}

async fn status_counts<P: Parent<RegistrationFilter>>(
    view: &View,
    keys: Vec<(P, RegistrationFilter)>,
) -> LoadResult<(P, RegistrationFilter), StatusCounts> {
    let mut loaded = HashMap::new();
    for (filter, parents) in group_keys(keys) {
        let counts = view.status_counts_of(&parents, &filter).await?;
        loaded.extend(counts.into_iter().map(|(parent, counts)| ((parent, filter.clone()), counts)));
    }
    Ok(loaded)
}

fn by_id<K: Eq + Hash, V>(rows: Vec<V>, id: impl Fn(&V) -> K) -> HashMap<K, V> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}

fn by_external_id<V>(rows: Vec<V>, id: impl Fn(&V) -> Option<&str>) -> HashMap<ExternalId, V> {
    rows.into_iter().filter_map(|row| Some((ExternalId::parse(id(&row)?).ok()?, row))).collect()
}

fn grouped<K: Eq + Hash, V>(rows: Vec<V>, parent: impl Fn(&V) -> K) -> HashMap<K, Rows<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    for row in rows {
        groups.entry(parent(&row)).or_default().push(row);
    }
    shared(groups)
}

fn shared<K: Eq + Hash, V>(groups: HashMap<K, Vec<V>>) -> HashMap<K, Rows<V>> {
    groups.into_iter().map(|(parent, rows)| (parent, rows.into())).collect()
}

/// Groups keys by their second part, because each group takes one statement.
fn group_keys<P, Q: Eq + Hash>(keys: Vec<(P, Q)>) -> HashMap<Q, Vec<P>> {
    let mut groups: HashMap<Q, Vec<P>> = HashMap::new();
    for (parent, query) in keys {
        groups.entry(query).or_default().push(parent);
    }
    groups
}
