//! The lookups of an operation: keys that are requested together are loaded together.

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
    RegistrationFilter, RegistrationOrder, RegistrationRow, RegistrationTotals, SeatTotals, SessionRow,
    StatisticsScope, StatusCounts, StoreError, TrackRow, View, WorkshopFilter, WorkshopOrder, WorkshopRow,
};

use super::{
    batch::{Batch, Load, LoadError, Part},
    fault::Fault,
    loaded::{PageRows, Rows},
    row_budget::RowBudget,
};

/// A page of a list. The same page of several parents is loaded in one statement.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(in crate::graphql) struct ListQuery<F, O> {
    pub(in crate::graphql) filter: F,
    pub(in crate::graphql) ordering: Ordering<O>,
    pub(in crate::graphql) page: Page,
}

type WorkshopList = ListQuery<WorkshopFilter, WorkshopOrder>;
type RegistrationList = ListQuery<RegistrationFilter, RegistrationOrder>;

/// Writes [`Loaders`] and [`Lookups`]: a batch and a method for each lookup. The method returns `None` for a key without a
/// value. In brackets, the usual number of rows of a key.
macro_rules! loaders {
    ($($(#[$doc:meta])* $name:ident($key:ty) -> $value:ty [$rows_of:expr] =
        |$view:ident, $keys:ident $(, $at_most:ident)?| $load:expr;)+) => {
        /// One batch for each lookup. Clones share their batches.
        #[derive(Clone)]
        pub(in crate::graphql) struct Loaders {
            view: Arc<View>,
            $($name: Batch<$key, $value>),+
        }

        impl Loaders {
            pub(in crate::graphql) fn new(view: View) -> Self {
                Self { view: Arc::new(view), $($name: Batch::default()),+ }
            }

            /// Returns the view that is queried.
            pub(in crate::graphql) fn view(&self) -> Arc<View> {
                self.view.clone()
            }
        }

        impl Lookups<'_> {
            $($(#[$doc])* pub(in crate::graphql) async fn $name(&self, key: $key) -> Result<Option<$value>, Fault> {
                let view = &self.loaders.view;
                // Boxed, because the future of a statement is large and would make every waiting future large.
                let statement = |part: Part<$key>| {
                    let ($view, $keys) = (view.clone(), part.keys);
                    $(let $at_most = part.at_most;)?
                    async move { $load }.boxed()
                };
                self.loaders.$name.load(key, self.budget, Load { rows_of: $rows_of, statement }).await
            })+
        }
    };
}

/// The loaders that an operation uses, and the budget in which its rows are counted.
#[derive(Clone, Copy)]
pub(in crate::graphql) struct Lookups<'a> {
    pub(in crate::graphql) loaders: &'a Loaders,
    pub(in crate::graphql) budget: &'a RowBudget,
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
    workshop(WorkshopId) -> Arc<WorkshopRow> [|_| 1] =
        |view, ids| Ok(by_id(view.workshops(&ids).await?, |row| WorkshopId::from_uuid(row.id)));
    session(SessionId) -> Arc<SessionRow> [|_| 1] =
        |view, ids| Ok(by_id(view.sessions(&ids).await?, |row| SessionId::from_uuid(row.id)));
    center(CenterId) -> Arc<CenterRow> [|_| 1] =
        |view, ids| Ok(by_id(view.centers(&ids).await?, |row| CenterId::from_uuid(row.id)));
    guest(GuestId) -> Arc<GuestRow> [|_| 1] =
        |view, ids| Ok(by_id(view.guests(&ids).await?, |row| GuestId::from_uuid(row.id)));
    registration(RegistrationId) -> Arc<RegistrationRow> [|_| 1] =
        |view, ids| Ok(by_id(view.registrations(&ids).await?, |row| RegistrationId::from_uuid(row.id)));
    track(TrackId) -> Arc<TrackRow> [|_| 1] = |view, ids| {
        let rows = view.tracks(&ids).await?.into_iter();
        Ok(rows.map(|row| Ok((row.track_id()?, Arc::new(row)))).collect::<Result<_, StoreError>>()?)
    };
    workshop_by_external_id(ExternalId) -> Arc<WorkshopRow> [|_| 1] = |view, ids| Ok(by_external_id(
        view.workshops_by_external_ids(&ids).await?, |row| row.external_id.as_deref()));
    guest_by_external_id(ExternalId) -> Arc<GuestRow> [|_| 1] = |view, ids| Ok(by_external_id(
        view.guests_by_external_ids(&ids).await?, |row| row.external_id.as_deref()));
    center_by_external_id(ExternalId) -> Arc<CenterRow> [|_| 1] = |view, ids| Ok(by_external_id(
        view.centers_by_external_ids(&ids).await?, |row| row.external_id.as_deref()));
    change(JournalEntryId) -> Arc<ChangeRow> [|_| 1] =
        |view, ids| Ok(by_id(view.changes(&ids).await?, |row| JournalEntryId::from_uuid(row.id)));
    /// The tracks, by number.
    tracks_of(WorkshopId) -> Rows<TrackRow> [|_| 5] = |view, ids, at_most| {
        let rows = within(at_most, view.tracks_of_workshops(&ids, at_most + 1).await?)?;
        Ok(grouped(rows.into_iter().map(|row| (WorkshopId::from_uuid(row.workshop_id), row))))
    };
    /// The sessions of a track of a workshop, by start.
    sessions_of_track((WorkshopId, TrackId)) -> Rows<SessionRow> [|_| 10] = |view, tracks, at_most| {
        let rows = within(at_most, view.sessions_of_tracks(&tracks, at_most + 1).await?)?;
        let track = |row: &SessionRow| Some((WorkshopId::from_uuid(row.workshop_id), TrackId::new(row.track_id)?));
        Ok(grouped(rows.into_iter().filter_map(|row| Some((track(&row)?, row)))))
    };
    /// The sessions of all tracks of a workshop, by start.
    sessions_of(WorkshopId) -> Rows<SessionRow> [|_| 20] = |view, ids, at_most| {
        let rows = within(at_most, view.sessions_of_workshops(&ids, at_most + 1).await?)?;
        Ok(grouped(rows.into_iter().map(|row| (WorkshopId::from_uuid(row.workshop_id), row))))
    };
    /// The next session that is not cancelled and has not started.
    next_session_of(WorkshopId) -> Arc<SessionRow> [|_| 1] =
        |view, ids| Ok(by_id(view.next_sessions(&ids).await?, |row| WorkshopId::from_uuid(row.workshop_id)));
    /// The centers, by name.
    centers_of(WorkshopId) -> Rows<CenterRow> [|_| 5] = |view, ids, at_most| {
        let rows = within(at_most, view.centers_of_workshops(&ids, at_most + 1).await?)?;
        Ok(grouped(rows.into_iter()))
    };
    /// The first center by name.
    first_center_of(WorkshopId) -> CenterId [|_| 1] = |view, ids| Ok(view.first_centers_of_workshops(&ids).await?);
    /// The position on the waitlist, from 1.
    waitlist_position(RegistrationId) -> u64 [|_| 1] = |view, ids| Ok(view.waitlist_positions(&ids).await?);
    /// The live registration, otherwise the latest.
    registration_of_guest_to((GuestId, WorkshopId)) -> Arc<RegistrationRow> [|_| 1] = |view, keys| {
        let mut loaded = HashMap::new();
        for (guest, workshops) in group_keys(keys.into_iter().map(|(guest, workshop)| (workshop, guest)).collect()) {
            let rows = view.registrations_of_guest_to(guest, &workshops).await?;
            let key = |row: &RegistrationRow| (guest, WorkshopId::from_uuid(row.workshop_id));
            loaded.extend(rows.into_iter().map(|row| (key(&row), Arc::new(row))));
        }
        Ok(loaded)
    };
    eligibility(RegisterGuest) -> Result<(), RegisterGuestRefusal> [|_| 1] =
        |view, requests| Ok(view.would_register_guests(requests).await?.into_iter().collect());
    seat_totals((StatisticsScope, Option<Period>)) -> SeatTotals [|_| 1] =
        |view, keys| by_period!(keys, |period, scopes| view.seat_totals(&scopes, period).await?);
    registration_totals((StatisticsScope, Option<Period>)) -> RegistrationTotals [|_| 1] =
        |view, keys| by_period!(keys, |period, scopes| view.registration_totals(&scopes, period).await?);
    /// The registrations of each day; days without registrations are omitted.
    registrations_per_day((StatisticsScope, Period)) -> HashMap<NaiveDate, i64> [|(_, period)| period.days().count()] =
        |view, keys| by_period!(keys, |period, scopes| view.registrations_per_day(&scopes, period).await?);
    workshops_of_center((CenterId, WorkshopList)) -> PageRows<WorkshopRow> [page_rows] =
        |view, keys| pages(&view, keys).await;
    workshop_count_of_center((CenterId, WorkshopFilter)) -> u64 [|_| 1] = |view, keys| counts(&view, keys).await;
    registrations_of_workshop((WorkshopId, RegistrationList)) -> PageRows<RegistrationRow> [page_rows] =
        |view, keys| pages(&view, keys).await;
    registrations_of_guest((GuestId, RegistrationList)) -> PageRows<RegistrationRow> [page_rows] =
        |view, keys| pages(&view, keys).await;
    registration_count_of_workshop((WorkshopId, RegistrationFilter)) -> u64 [|_| 1] =
        |view, keys| counts(&view, keys).await;
    registration_count_of_guest((GuestId, RegistrationFilter)) -> u64 [|_| 1] = |view, keys| counts(&view, keys).await;
    status_counts_of_workshop((WorkshopId, RegistrationFilter)) -> StatusCounts [|_| 5] =
        |view, keys| status_counts(&view, keys).await;
    status_counts_of_guest((GuestId, RegistrationFilter)) -> StatusCounts [|_| 5] =
        |view, keys| status_counts(&view, keys).await;
    history((RegistrationId, ListQuery<History, ChangeOrder>)) -> PageRows<ChangeRow> [page_rows] =
        |view, keys| pages(&view, keys).await;
    history_length(RegistrationId) -> u64 [|_| 1] = |view, ids| Ok(view.count_of(&ids, &History).await?);
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

type LoadResult<K, V> = Result<HashMap<K, V>, LoadError>;

/// The largest number of rows of a page. One row more shows whether there are more.
fn page_rows<P, F, O>((_, list): &(P, ListQuery<F, O>)) -> usize {
    list.page.size as usize + 1
}

async fn pages<P: Parent<F>, F: Filter, O: OrderField<Entity = F::Entity> + Eq + Hash>(
    view: &View,
    keys: Vec<(P, ListQuery<F, O>)>,
) -> LoadResult<(P, ListQuery<F, O>), PageRows<F::Row>> {
    let mut loaded = HashMap::new();
    for (query, parents) in group_keys(keys) {
        let slices = view.list_of(&parents, &query.filter, query.ordering, &query.page).await?;
        loaded.extend(slices.into_iter().map(|(parent, slice)| ((parent, query.clone()), slice.map(Arc::new))));
    }
    Ok(loaded)
}

/// Fails for more rows than a statement may load. Which of them are loaded is undefined.
fn within<R>(at_most: usize, rows: Vec<R>) -> Result<Vec<R>, LoadError> {
    if rows.len() > at_most { Err(LoadError::TooManyRows) } else { Ok(rows) }
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

fn by_id<K: Eq + Hash, R>(rows: Vec<R>, id: impl Fn(&R) -> K) -> HashMap<K, Arc<R>> {
    rows.into_iter().map(|row| (id(&row), Arc::new(row))).collect()
}

fn by_external_id<R>(rows: Vec<R>, id: impl Fn(&R) -> Option<&str>) -> HashMap<ExternalId, Arc<R>> {
    rows.into_iter().filter_map(|row| Some((ExternalId::parse(id(&row)?).ok()?, Arc::new(row)))).collect()
}

fn grouped<K: Eq + Hash, R>(rows: impl Iterator<Item = (K, R)>) -> HashMap<K, Rows<R>> {
    let mut groups: HashMap<K, Vec<Arc<R>>> = HashMap::new();
    for (parent, row) in rows {
        groups.entry(parent).or_default().push(Arc::new(row));
    }
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
