use std::collections::{BTreeSet, HashMap};

use domain::{CenterId, GuestId, RegistrationStatus, WorkshopAggregate, WorkshopId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryTrait,
    sea_query::{Order, WindowStatement},
};

use super::{
    Aggregates, LoadPlan,
    loaded_row::{self, LoadedRow},
    lock,
};
use crate::{
    EnumColumn, StoreError,
    database::row_lock::LockMode,
    entities::registration,
    pagination::page,
    rows::{
        guest_rows::{GuestCenters, guest_centers},
        row_set::one_of,
    },
};

/// The workshops of a plan.
pub(crate) struct Loaded {
    pub(crate) aggregates: Aggregates,
    /// The workshops that another transaction holds. They are not loaded.
    pub(crate) held: BTreeSet<WorkshopId>,
}

/// Loads the workshops of a plan, in a number of statements that does not depend on the number of workshops or guests.
pub(crate) async fn load(
    db: &impl ConnectionTrait,
    plan: &LoadPlan,
    lock_mode: LockMode,
) -> Result<Loaded, StoreError> {
    let backend = db.get_database_backend();
    let mut aggregates = HashMap::new();
    for row in lock::workshop_rows(db, &plan.workshops, lock_mode).await? {
        let aggregate = WorkshopAggregate::new(row.snapshot()?, row.next_waitlist_number()?);
        aggregates.insert(aggregate.workshop.id, aggregate);
    }

    let (loaded, missing): (BTreeSet<_>, BTreeSet<_>) =
        plan.workshops.iter().copied().partition(|id| aggregates.contains_key(id));
    let ids = || loaded.iter().map(|id| id.uuid());
    let mut held = BTreeSet::new();
    for row in loaded_row::load_rows(db, &loaded, &missing, plan, lock_mode).await? {
        match row {
            LoadedRow::OrderingConflict => return Err(StoreError::OrderingConflict),
            LoadedRow::Held(workshop) => {
                held.insert(workshop);
            }
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
                    let registration = aggregate.guests.entry(guest).or_default();
                    *registration = registration.or(here);
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
        let requested = registration::Entity::find().filter(one_of(backend, registration::Column::Id, ids));
        add_registrations(&mut aggregates, requested.all(db).await?)?;
    }
    if plan.releases > 0 {
        let heads = waitlist_heads(db, &aggregates, plan.releases).await?;
        add_registrations(&mut aggregates, heads)?;
    }
    let mut statuses = Vec::new();
    statuses.extend(plan.whole_waitlist.then_some(RegistrationStatus::Waitlisted));
    statuses.extend(plan.seated.then_some(RegistrationStatus::Registered));
    if !statuses.is_empty() {
        let all = registration::Entity::find()
            .filter(one_of(backend, registration::Column::WorkshopId, ids()))
            .filter(registration::Column::Status.is_in(statuses.into_iter().map(EnumColumn)));
        add_registrations(&mut aggregates, all.all(db).await?)?;
    }
    Ok(Loaded { aggregates, held })
}

fn add_registrations(aggregates: &mut Aggregates, rows: Vec<registration::Model>) -> Result<(), StoreError> {
    for row in rows {
        let Some(aggregate) = aggregates.get_mut(&WorkshopId::from_uuid(row.workshop_id)) else { continue };
        aggregate.load_registration(row.snapshot()?);
    }
    Ok(())
}

/// The first waitlisted registrations of each track: as many as there are free seats and as `releases` commands can
/// promote or remove from the waitlist.
async fn waitlist_heads(
    db: &impl ConnectionTrait,
    aggregates: &Aggregates,
    releases: u32,
) -> Result<Vec<registration::Model>, StoreError> {
    let waitlists: Vec<_> = aggregates.values().filter(|aggregate| aggregate.workshop.waitlist.length > 0).collect();
    let free = waitlists.iter().map(|aggregate| aggregate.workshop.seats.available().unwrap_or(u32::MAX)).max();
    let Some(free) = free else { return Ok(Vec::new()) };
    let workshops = waitlists.iter().map(|aggregate| aggregate.workshop.id.uuid());
    let mut by_number = WindowStatement::partition_by(registration::Column::TrackId);
    by_number.order_by(registration::Column::WaitlistNumber, Order::Asc);
    let waiting = registration::Entity::find()
        .filter(one_of(db.get_database_backend(), registration::Column::WorkshopId, workshops))
        .filter(registration::Column::WaitlistNumber.is_not_null());
    let heads = page::first_of_each(waiting.into_query(), by_number, u64::from(free) + u64::from(releases));
    Ok(registration::Model::find_by_statement(db.get_database_backend().build(&heads)).all(db).await?)
}
