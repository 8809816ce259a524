//! The look-ups of one request: whatever is asked for together comes out of one statement.

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

use super::{batch::Batch, fault::Fault};

/// A page of a list, for any number of parents.
type ListOf<F, O> = (F, Ordering<O>, Page);
type WorkshopList = ListOf<WorkshopFilter, WorkshopOrder>;
type RegistrationList = ListOf<RegistrationFilter, RegistrationOrder>;

/// What several fields are made of, each of a part.
type Rows<R> = Arc<[R]>;

/// Writes [`Loaders`]: for each look-up its batch and its method, which finds nothing where there is nothing.
macro_rules! loaders {
    ($($(#[$doc:meta])* $name:ident($key:ty) -> $found:ty = |$view:ident, $keys:ident| $look_up:expr;)+) => {
        /// One batch for each thing that can be looked up. Who has a clone asks together with the others.
        #[derive(Clone)]
        pub(in crate::graphql) struct Loaders {
            view: Arc<View>,
            $($name: Batch<$key, $found>),+
        }

        impl Loaders {
            pub(in crate::graphql) fn new(view: View) -> Self {
                Self { view: Arc::new(view), $($name: Batch::default()),+ }
            }

            /// Through which it is looked.
            pub(in crate::graphql) fn view(&self) -> Arc<View> {
                self.view.clone()
            }

            $($(#[$doc])* pub(in crate::graphql) async fn $name(&self, key: $key) -> Result<Option<$found>, Fault> {
                let $view = self.view.clone();
                // Boxed: what holds a statement is large, and would make everything large that waits for it.
                self.$name.load(key, move |$keys: Vec<$key>| async move { $look_up }.boxed()).await
            })+
        }
    };
}

/// Looks up what is asked for in each period, and tells the periods apart again.
macro_rules! in_periods {
    ($keys:ident, |$period:ident, $scopes:ident| $look_up:expr) => {{
        let mut found = HashMap::new();
        for ($period, $scopes) in lists($keys) {
            found.extend($look_up.into_iter().map(|(scope, numbers)| ((scope, $period), numbers)));
        }
        Ok(found)
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
    /// By number.
    tracks_of(WorkshopId) -> Rows<TrackRow> =
        |view, ids| Ok(grouped(view.tracks_of_workshops(&ids).await?, |row| WorkshopId::from_uuid(row.workshop_id)));
    /// In the order in which they start.
    sessions_of(WorkshopId) -> Rows<SessionRow> =
        |view, ids| Ok(grouped(view.sessions_of_workshops(&ids).await?, |row| WorkshopId::from_uuid(row.workshop_id)));
    /// The next that takes place and has not started.
    next_session_of(WorkshopId) -> SessionRow =
        |view, ids| Ok(by_id(view.next_sessions(&ids).await?, |row| WorkshopId::from_uuid(row.workshop_id)));
    /// By name.
    centers_of(WorkshopId) -> Rows<CenterRow> =
        |view, ids| Ok(shared(view.centers_of_workshops(&ids).await?));
    /// The rank in line, from 1.
    waitlist_position(RegistrationId) -> u64 = |view, ids| Ok(view.waitlist_positions(&ids).await?);
    /// The live one, else the latest.
    registration_of_guest_to((GuestId, WorkshopId)) -> RegistrationRow = |view, keys| {
        let mut found = HashMap::new();
        for (guest, workshops) in lists(keys.into_iter().map(|(guest, workshop)| (workshop, guest)).collect()) {
            let rows = view.registrations_of_guest_to(guest, &workshops).await?;
            found.extend(rows.into_iter().map(|row| ((guest, WorkshopId::from_uuid(row.workshop_id)), row)));
        }
        Ok(found)
    };
    eligibility(RegisterGuest) -> Result<(), RegisterGuestRefusal> =
        |view, requests| Ok(view.would_register_guests(requests).await?.into_iter().collect());
    seat_totals((StatisticsScope, Option<Period>)) -> SeatTotals =
        |view, keys| in_periods!(keys, |period, scopes| view.seat_totals(&scopes, period).await?);
    registration_totals((StatisticsScope, Option<Period>)) -> RegistrationTotals =
        |view, keys| in_periods!(keys, |period, scopes| view.registration_totals(&scopes, period).await?);
    /// Days without any are not in it.
    registrations_per_day((StatisticsScope, Period)) -> HashMap<NaiveDate, i64> =
        |view, keys| in_periods!(keys, |period, scopes| view.registrations_per_day(&scopes, period).await?);
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
    history((RegistrationId, ListOf<History, ChangeOrder>)) -> Slice<ChangeRow> = |view, keys| pages(&view, keys).await;
    history_length(RegistrationId) -> u64 = |view, ids| Ok(view.count_of(&ids, &History).await?);
}

/// The look-ups of those who follow something, for as long as they do: whoever sees the same asks together.
#[derive(Clone, Default)]
pub(in crate::graphql) struct SharedLoaders(Arc<Mutex<HashMap<Authority, Loaders>>>);

impl SharedLoaders {
    /// Those of this authority. What nobody else holds any more is let go of meanwhile.
    pub(in crate::graphql) fn of(&self, authority: Authority, view: impl FnOnce(Authority) -> View) -> Loaders {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaders) = shared.get(&authority) {
            return loaders.clone();
        }
        shared.retain(|_, loaders| Arc::strong_count(&loaders.view) > 1);
        let loaders = Loaders::new(view(authority.clone()));
        shared.insert(authority, loaders.clone());
        loaders
    }
}

type Found<K, V> = Result<HashMap<K, V>, Fault>;

async fn pages<P: Parent<F>, F: Filter, O: OrderField<Entity = F::Entity> + Eq + Hash>(
    view: &View,
    keys: Vec<(P, ListOf<F, O>)>,
) -> Found<(P, ListOf<F, O>), Slice<F::Row>> {
    let mut found = HashMap::new();
    for (list, parents) in lists(keys) {
        let (filter, ordering, page) = &list;
        let slices = view.list_of(&parents, filter, *ordering, page).await?;
        found.extend(slices.into_iter().map(|(parent, slice)| ((parent, list.clone()), slice)));
    }
    Ok(found)
}

async fn counts<P: Parent<F>, F: Filter>(view: &View, keys: Vec<(P, F)>) -> Found<(P, F), u64> {
    let mut found = HashMap::new();
    for (filter, parents) in lists(keys) {
        let counts = view.count_of(&parents, &filter).await?;
        found.extend(counts.into_iter().map(|(parent, count)| ((parent, filter.clone()), count)));
    }
    Ok(found)
}

async fn status_counts<P: Parent<RegistrationFilter>>(
    view: &View,
    keys: Vec<(P, RegistrationFilter)>,
) -> Found<(P, RegistrationFilter), StatusCounts> {
    let mut found = HashMap::new();
    for (filter, parents) in lists(keys) {
        let counts = view.status_counts_of(&parents, &filter).await?;
        found.extend(counts.into_iter().map(|(parent, counts)| ((parent, filter.clone()), counts)));
    }
    Ok(found)
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

/// Each kind of list that is asked for, with all parents that it is asked for of.
fn lists<P, L: Eq + Hash>(keys: Vec<(P, L)>) -> HashMap<L, Vec<P>> {
    let mut lists: HashMap<L, Vec<P>> = HashMap::new();
    for (parent, list) in keys {
        lists.entry(list).or_default().push(parent);
    }
    lists
}
