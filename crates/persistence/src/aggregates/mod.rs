//! From rows to aggregates: the snapshot of every workshop of a batch, in a number of statements that does not depend on
//! how many workshops or guests there are.

mod loaded_row;
pub(crate) mod locked_workshop;
pub(crate) mod writes;

use std::collections::{BTreeSet, HashMap};

use domain::{
    CenterId, GuestId, RegistrationId, RegistrationStatus, WorkshopAggregate, WorkshopId,
    access::{Authority, GuestVisibility},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{LockType, Order, WindowStatement},
};

use loaded_row::LoadedRow;

use crate::{
    EnumColumn, StoreError,
    entities::{registration, workshop},
    pagination::page,
    rows::{
        guest_rows::{GuestCenters, guest_centers},
        row_set::one_of,
    },
};

/// What a batch needs to know.
#[derive(Debug, Default)]
pub(crate) struct LoadPlan {
    pub(crate) workshops: BTreeSet<WorkshopId>,
    pub(crate) guests: BTreeSet<GuestId>,
    /// Of the guests, whether they are known at one of these.
    pub(crate) centers: BTreeSet<CenterId>,
    pub(crate) registrations: BTreeSet<RegistrationId>,
    /// How many commands may free a seat.
    pub(crate) releases: u32,
    /// Whether all who wait have to be at hand.
    pub(crate) whole_lines: bool,
    /// Whether all have to be at hand who hold a seat and have not come.
    pub(crate) seated: bool,
}

impl LoadPlan {
    /// Whom somebody sees depends on where the guests are known.
    pub(crate) fn plan_guest_centers(&mut self, by: &Authority) {
        if let GuestVisibility::AtCenters(centers) = by.visibility().guests() {
            self.centers.extend(centers.iter());
        }
    }
}

/// Whether the workshops are held until the transaction ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LockMode {
    /// Nobody else changes a seat meanwhile. Children are read after the parent is held. The journal is read in the order of
    /// transactions: one that waited may have had its number already, and is `OrderingConflict` if somebody younger was there
    /// meanwhile.
    ForUpdate,
    /// For an answer that commits to nothing.
    None,
}

pub(crate) async fn load(
    db: &impl ConnectionTrait,
    plan: &LoadPlan,
    hold: LockMode,
) -> Result<HashMap<WorkshopId, WorkshopAggregate>, StoreError> {
    let backend = db.get_database_backend();
    let ids = || plan.workshops.iter().map(|id| id.uuid());

    let mut workshops = workshop::Entity::find()
        .filter(one_of(backend, workshop::Column::Id, ids()))
        // Ascending, so that two batches never hold what the other one waits for.
        .order_by_asc(workshop::Column::Id);
    if hold == LockMode::ForUpdate {
        workshops = workshops.lock(LockType::NoKeyUpdate);
    }
    let mut aggregates = HashMap::new();
    for row in workshops.all(db).await? {
        let aggregate = WorkshopAggregate {
            workshop: row.snapshot()?,
            tracks: Default::default(),
            centers: Default::default(),
            guests: Default::default(),
            guest_centers: Default::default(),
            next_waitlist_number: row.next_waitlist_number()?,
            registrations: Default::default(),
            waitlist: Default::default(),
        };
        aggregates.insert(aggregate.workshop.id, aggregate);
    }

    for fact in loaded_row::look_up(db, plan, hold).await? {
        match fact {
            LoadedRow::OrderingConflict => return Err(StoreError::OrderingConflict),
            LoadedRow::Track(workshop, track, seats) => {
                if let Some(aggregate) = aggregates.get_mut(&workshop) {
                    aggregate.tracks.insert(track, seats);
                }
            }
            LoadedRow::Center(workshop, center) => {
                if let Some(aggregate) = aggregates.get_mut(&workshop) {
                    aggregate.centers.insert(center);
                }
            }
            LoadedRow::Guest(guest, live) => {
                for aggregate in aggregates.values_mut() {
                    let here = live.filter(|(workshop, _)| *workshop == aggregate.workshop.id).map(|(_, id)| id);
                    let known = aggregate.guests.entry(guest).or_default();
                    *known = known.or(here);
                }
            }
        }
    }
    for GuestCenters { guest_id, center_id } in guest_centers(db, &plan.guests, &plan.centers).await? {
        for aggregate in aggregates.values_mut() {
            let centers = aggregate.guest_centers.entry(GuestId::from_uuid(guest_id)).or_default();
            centers.insert(CenterId::from_uuid(center_id));
        }
    }
    if !plan.registrations.is_empty() {
        let ids = plan.registrations.iter().map(|id| id.uuid());
        let asked = registration::Entity::find().filter(one_of(backend, registration::Column::Id, ids));
        put(&mut aggregates, asked.all(db).await?)?;
    }
    if plan.releases > 0 {
        let heads = heads_of_lines(db, &aggregates, plan.releases).await?;
        put(&mut aggregates, heads)?;
    }
    let mut statuses = Vec::new();
    statuses.extend(plan.whole_lines.then_some(RegistrationStatus::Waitlisted));
    statuses.extend(plan.seated.then_some(RegistrationStatus::Registered));
    if !statuses.is_empty() {
        let all = registration::Entity::find()
            .filter(one_of(backend, registration::Column::WorkshopId, ids()))
            .filter(registration::Column::Status.is_in(statuses.into_iter().map(EnumColumn)));
        put(&mut aggregates, all.all(db).await?)?;
    }
    Ok(aggregates)
}

/// Puts registrations on their aggregates.
fn put(
    aggregates: &mut HashMap<WorkshopId, WorkshopAggregate>,
    rows: Vec<registration::Model>,
) -> Result<(), StoreError> {
    for row in rows {
        let Some(aggregate) = aggregates.get_mut(&WorkshopId::from_uuid(row.workshop_id)) else { continue };
        let registration = row.snapshot()?;
        if let Some(number) = registration.standing.waitlist_number() {
            aggregate.waitlist.insert(number, registration.id);
        }
        aggregate.registrations.insert(registration.id, registration);
    }
    Ok(())
}

/// Of each track the first who wait: as many as `releases` commands can let in or take out of the line, and as there
/// are seats already.
async fn heads_of_lines(
    db: &impl ConnectionTrait,
    aggregates: &HashMap<WorkshopId, WorkshopAggregate>,
    releases: u32,
) -> Result<Vec<registration::Model>, StoreError> {
    let lines: Vec<_> = aggregates.values().filter(|aggregate| aggregate.workshop.waitlist.length > 0).collect();
    let free = lines.iter().map(|aggregate| aggregate.workshop.seats.available().unwrap_or(u32::MAX)).max();
    let Some(free) = free else { return Ok(Vec::new()) };
    let here = lines.iter().map(|aggregate| aggregate.workshop.id.uuid());
    let mut by_number = WindowStatement::partition_by(registration::Column::TrackId);
    by_number.order_by(registration::Column::WaitlistNumber, Order::Asc);
    let waiting = registration::Entity::find()
        .filter(one_of(db.get_database_backend(), registration::Column::WorkshopId, here))
        .filter(registration::Column::WaitlistNumber.is_not_null());
    let heads = page::first_of_each(waiting, by_number, u64::from(free) + u64::from(releases));
    Ok(registration::Model::find_by_statement(db.get_database_backend().build(&heads)).all(db).await?)
}
