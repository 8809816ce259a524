//! The look-ups of one request: whatever is asked for together comes out of one statement.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use chrono::NaiveDate;
use domain::{
    CenterId, ExternalId, GuestId, JournalEntryId, Period, RegistrationId, RegistrationStatus, SessionId, TrackId,
    WorkshopId,
    commands::register_guest::{RegisterGuest, RegisterGuestRefusal},
};
use persistence::{
    CenterRow, ChangeRow, GuestRow, Ordering, Page, RegistrationFilter, RegistrationOrder, RegistrationParent,
    RegistrationRow, RegistrationTotals, Scope, SeatTotals, SessionRow, Slice, Store, StoreError, TrackRow,
    WorkshopFilter, WorkshopOrder, WorkshopRow,
};

use super::{batch::Batch, fault::Fault};

/// A page of workshops, for any number of centers.
pub(super) type WorkshopList = (WorkshopFilter, Ordering<WorkshopOrder>, Page);
/// A page of registrations, for any number of parents.
pub(super) type RegistrationList = (RegistrationFilter, Ordering<RegistrationOrder>, Page);

/// Writes [`Loaders`]: for each look-up its batch and its method, which finds nothing where there is nothing.
macro_rules! loaders {
    ($($(#[$doc:meta])* $name:ident($key:ty) -> $found:ty = |$store:ident, $keys:ident| $look_up:expr;)+) => {
        /// One batch for each thing that can be looked up.
        pub(super) struct Loaders {
            store: Arc<Store>,
            $($name: Batch<$key, $found>),+
        }

        impl Loaders {
            pub(super) fn new(store: Arc<Store>) -> Self {
                Self { store, $($name: Batch::default()),+ }
            }

            $($(#[$doc])* pub(super) async fn $name(&self, key: $key) -> Result<Option<$found>, Fault> {
                let $store = self.store.clone();
                self.$name.load(key, move |$keys: Vec<$key>| async move { $look_up }).await
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
        |store, ids| Ok(by_id(store.workshops(&ids).await?, |row| WorkshopId::from_uuid(row.id)));
    session(SessionId) -> SessionRow =
        |store, ids| Ok(by_id(store.sessions(&ids).await?, |row| SessionId::from_uuid(row.id)));
    center(CenterId) -> CenterRow =
        |store, ids| Ok(by_id(store.centers(&ids).await?, |row| CenterId::from_uuid(row.id)));
    guest(GuestId) -> GuestRow =
        |store, ids| Ok(by_id(store.guests(&ids).await?, |row| GuestId::from_uuid(row.id)));
    registration(RegistrationId) -> RegistrationRow =
        |store, ids| Ok(by_id(store.registrations(&ids).await?, |row| RegistrationId::from_uuid(row.id)));
    track(TrackId) -> TrackRow = |store, ids| {
        let rows = store.tracks(&ids).await?.into_iter();
        Ok(rows.map(|row| Ok((row.track_id()?, row))).collect::<Result<_, StoreError>>()?)
    };
    workshop_by_external_id(ExternalId) -> WorkshopRow = |store, ids| Ok(by_external_id(
        store.workshops_by_external_ids(&ids).await?, |row| row.external_id.as_deref()));
    center_by_external_id(ExternalId) -> CenterRow = |store, ids| Ok(by_external_id(
        store.centers_by_external_ids(&ids).await?, |row| row.external_id.as_deref()));
    change(JournalEntryId) -> ChangeRow =
        |store, ids| Ok(by_id(store.changes(&ids).await?, |row| JournalEntryId::from_uuid(row.id)));
    /// By number.
    tracks_of(WorkshopId) -> Vec<TrackRow> =
        |store, ids| Ok(grouped(store.tracks_of_workshops(&ids).await?, |row| WorkshopId::from_uuid(row.workshop_id)));
    /// In the order in which they start.
    sessions_of(WorkshopId) -> Vec<SessionRow> =
        |store, ids| Ok(grouped(store.sessions_of_workshops(&ids).await?, |row| WorkshopId::from_uuid(row.workshop_id)));
    /// By name.
    centers_of(WorkshopId) -> Vec<CenterRow> = |store, ids| Ok(store.centers_of_workshops(&ids).await?);
    status_counts_of(WorkshopId) -> Vec<(RegistrationStatus, u64)> =
        |store, ids| Ok(store.status_counts(&ids).await?);
    /// The rank in line, from 1.
    waitlist_position(RegistrationId) -> u64 = |store, ids| Ok(store.waitlist_positions(&ids).await?);
    /// The live one, else the latest.
    registration_of_guest_to((GuestId, WorkshopId)) -> RegistrationRow = |store, keys| {
        let mut found = HashMap::new();
        for (guest, workshops) in lists(keys.into_iter().map(|(guest, workshop)| (workshop, guest)).collect()) {
            let rows = store.registrations_of_guest_to(guest, &workshops).await?;
            found.extend(rows.into_iter().map(|row| ((guest, WorkshopId::from_uuid(row.workshop_id)), row)));
        }
        Ok(found)
    };
    eligibility(RegisterGuest) -> Result<(), RegisterGuestRefusal> =
        |store, requests| Ok(store.would_register_guests(requests).await?.into_iter().collect());
    seat_totals((Scope, Option<Period>)) -> SeatTotals =
        |store, keys| in_periods!(keys, |period, scopes| store.seat_totals(&scopes, period).await?);
    registration_totals((Scope, Option<Period>)) -> RegistrationTotals =
        |store, keys| in_periods!(keys, |period, scopes| store.registration_totals(&scopes, period).await?);
    /// Days without any are not in it.
    registrations_per_day((Scope, Period)) -> HashMap<NaiveDate, i64> =
        |store, keys| in_periods!(keys, |period, scopes| store.registrations_per_day(&scopes, period).await?);
    workshops_of_center((CenterId, WorkshopList)) -> Slice<WorkshopRow> = |store, keys| {
        let mut found = HashMap::new();
        for ((filter, ordering, page), centers) in lists(keys) {
            let slices = store.list_workshops_of_centers(&centers, &filter, ordering, &page).await?;
            found.extend(slices.into_iter().map(|(id, slice)| ((id, (filter.clone(), ordering, page.clone())), slice)));
        }
        Ok(found)
    };
    workshop_count_of_center((CenterId, WorkshopFilter)) -> u64 = |store, keys| {
        let mut found = HashMap::new();
        for (filter, centers) in lists(keys) {
            let counts = store.count_workshops_of_centers(&centers, &filter).await?;
            found.extend(counts.into_iter().map(|(id, count)| ((id, filter.clone()), count)));
        }
        Ok(found)
    };
    registrations_of_workshop((WorkshopId, RegistrationList)) -> Slice<RegistrationRow> =
        |store, keys| registration_pages(&store, keys).await;
    registrations_of_guest((GuestId, RegistrationList)) -> Slice<RegistrationRow> =
        |store, keys| registration_pages(&store, keys).await;
    history((RegistrationId, Page)) -> Slice<ChangeRow> = |store, keys| {
        let mut found = HashMap::new();
        for (page, registrations) in lists(keys) {
            let slices = store.list_histories(&registrations, &page).await?;
            found.extend(slices.into_iter().map(|(id, slice)| ((id, page.clone()), slice)));
        }
        Ok(found)
    };
    history_length(RegistrationId) -> u64 = |store, ids| Ok(store.count_histories(&ids).await?);
    registration_count_of_workshop((WorkshopId, RegistrationFilter)) -> u64 =
        |store, keys| registration_counts(&store, keys).await;
    registration_count_of_guest((GuestId, RegistrationFilter)) -> u64 =
        |store, keys| registration_counts(&store, keys).await;
}

type Found<K, V> = Result<HashMap<K, V>, Fault>;

async fn registration_pages<P: RegistrationParent>(
    store: &Store,
    keys: Vec<(P, RegistrationList)>,
) -> Found<(P, RegistrationList), Slice<RegistrationRow>> {
    let mut found = HashMap::new();
    for ((filter, ordering, page), parents) in lists(keys) {
        let slices = store.list_registrations_of(&parents, &filter, ordering, &page).await?;
        found.extend(slices.into_iter().map(|(id, slice)| ((id, (filter.clone(), ordering, page.clone())), slice)));
    }
    Ok(found)
}

async fn registration_counts<P: RegistrationParent>(
    store: &Store,
    keys: Vec<(P, RegistrationFilter)>,
) -> Found<(P, RegistrationFilter), u64> {
    let mut found = HashMap::new();
    for (filter, parents) in lists(keys) {
        let counts = store.count_registrations_of(&parents, &filter).await?;
        found.extend(counts.into_iter().map(|(id, count)| ((id, filter.clone()), count)));
    }
    Ok(found)
}

fn by_id<K: Eq + Hash, V>(rows: Vec<V>, id: impl Fn(&V) -> K) -> HashMap<K, V> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}

fn by_external_id<V>(rows: Vec<V>, id: impl Fn(&V) -> Option<&str>) -> HashMap<ExternalId, V> {
    rows.into_iter().filter_map(|row| Some((ExternalId::parse(id(&row)?).ok()?, row))).collect()
}

fn grouped<K: Eq + Hash, V>(rows: Vec<V>, parent: impl Fn(&V) -> K) -> HashMap<K, Vec<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    for row in rows {
        groups.entry(parent(&row)).or_default().push(row);
    }
    groups
}

/// Each kind of list that is asked for, with all parents that it is asked for of.
fn lists<P, L: Eq + Hash>(keys: Vec<(P, L)>) -> HashMap<L, Vec<P>> {
    let mut lists: HashMap<L, Vec<P>> = HashMap::new();
    for (parent, list) in keys {
        lists.entry(list).or_default().push(parent);
    }
    lists
}
