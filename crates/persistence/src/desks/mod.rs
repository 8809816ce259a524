//! From rows to desks: the snapshot of every workshop of a batch, in a number of statements that does not depend on
//! how many workshops or guests there are.

mod facts;

use std::collections::{BTreeSet, HashMap};

use domain::{
    CenterId, Desk, GuestId, RegistrationId, RegistrationStatus, WorkshopId,
    access::{Authority, People},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{LockType, Order, WindowStatement},
};

use facts::Fact;

use crate::{
    StoreError, Stored,
    entities::{registration, workshop},
    page,
    people::{Whereabouts, whereabouts},
    rows::one_of,
};

/// What a batch needs to know.
#[derive(Debug, Default)]
pub(crate) struct Questions {
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

impl Questions {
    /// Whom somebody sees depends on where the guests are known.
    pub(crate) fn ask_whereabouts(&mut self, by: &Authority) {
        if let People::At(centers) = by.sight().guests() {
            self.centers.extend(centers.iter());
        }
    }
}

/// Whether the workshops are held until the transaction ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Hold {
    /// Nobody else changes a seat meanwhile. Children are read after the parent is held. The journal is read in the order of
    /// transactions: one that waited may have had its number already, and is `Overtaken` if somebody younger was there
    /// meanwhile.
    ForWriting,
    /// For an answer that commits to nothing.
    No,
}

pub(crate) async fn load(
    db: &impl ConnectionTrait,
    questions: &Questions,
    hold: Hold,
) -> Result<HashMap<WorkshopId, Desk>, StoreError> {
    let backend = db.get_database_backend();
    let ids = || questions.workshops.iter().map(|id| id.uuid());

    let mut workshops = workshop::Entity::find()
        .filter(one_of(backend, workshop::Column::Id, ids()))
        // Ascending, so that two batches never hold what the other one waits for.
        .order_by_asc(workshop::Column::Id);
    if hold == Hold::ForWriting {
        workshops = workshops.lock(LockType::NoKeyUpdate);
    }
    let mut desks = HashMap::new();
    for row in workshops.all(db).await? {
        let desk = Desk {
            workshop: row.snapshot()?,
            tracks: Default::default(),
            centers: Default::default(),
            guests: Default::default(),
            known_at: Default::default(),
            next_place: row.next_place()?,
            registrations: Default::default(),
            line: Default::default(),
        };
        desks.insert(desk.workshop.id, desk);
    }

    for fact in facts::look_up(db, questions, hold).await? {
        match fact {
            Fact::Overtaken => return Err(StoreError::Overtaken),
            Fact::Track(workshop, track, seats) => {
                if let Some(desk) = desks.get_mut(&workshop) {
                    desk.tracks.insert(track, seats);
                }
            }
            Fact::Center(workshop, center) => {
                if let Some(desk) = desks.get_mut(&workshop) {
                    desk.centers.insert(center);
                }
            }
            Fact::Guest(guest, live) => {
                for desk in desks.values_mut() {
                    let here = live.filter(|(workshop, _)| *workshop == desk.workshop.id).map(|(_, id)| id);
                    let known = desk.guests.entry(guest).or_default();
                    *known = known.or(here);
                }
            }
        }
    }
    for Whereabouts { guest_id, center_id } in whereabouts(db, &questions.guests, &questions.centers).await? {
        for desk in desks.values_mut() {
            let known_at = desk.known_at.entry(GuestId::from_uuid(guest_id)).or_default();
            known_at.insert(CenterId::from_uuid(center_id));
        }
    }
    if !questions.registrations.is_empty() {
        let ids = questions.registrations.iter().map(|id| id.uuid());
        let asked = registration::Entity::find().filter(one_of(backend, registration::Column::Id, ids));
        put(&mut desks, asked.all(db).await?)?;
    }
    if questions.releases > 0 {
        let heads = heads_of_lines(db, &desks, questions.releases).await?;
        put(&mut desks, heads)?;
    }
    let mut statuses = Vec::new();
    statuses.extend(questions.whole_lines.then_some(RegistrationStatus::Waitlisted));
    statuses.extend(questions.seated.then_some(RegistrationStatus::Registered));
    if !statuses.is_empty() {
        let all = registration::Entity::find()
            .filter(one_of(backend, registration::Column::WorkshopId, ids()))
            .filter(registration::Column::Status.is_in(statuses.into_iter().map(Stored)));
        put(&mut desks, all.all(db).await?)?;
    }
    Ok(desks)
}

/// Puts registrations on their desks.
fn put(desks: &mut HashMap<WorkshopId, Desk>, rows: Vec<registration::Model>) -> Result<(), StoreError> {
    for row in rows {
        let Some(desk) = desks.get_mut(&WorkshopId::from_uuid(row.workshop_id)) else { continue };
        let registration = row.snapshot()?;
        if let Some(place) = registration.standing.place() {
            desk.line.insert(place, registration.id);
        }
        desk.registrations.insert(registration.id, registration);
    }
    Ok(())
}

/// Of each track the first who wait: as many as `releases` commands can let in or take out of the line, and as there
/// are seats already.
async fn heads_of_lines(
    db: &impl ConnectionTrait,
    desks: &HashMap<WorkshopId, Desk>,
    releases: u32,
) -> Result<Vec<registration::Model>, StoreError> {
    let lines: Vec<_> = desks.values().filter(|desk| desk.workshop.waitlist.length > 0).collect();
    let free = lines.iter().map(|desk| desk.workshop.seats.available().unwrap_or(u32::MAX)).max();
    let Some(free) = free else { return Ok(Vec::new()) };
    let here = lines.iter().map(|desk| desk.workshop.id.uuid());
    let mut by_place = WindowStatement::partition_by(registration::Column::TrackId);
    by_place.order_by(registration::Column::Place, Order::Asc);
    let waiting = registration::Entity::find()
        .filter(one_of(db.get_database_backend(), registration::Column::WorkshopId, here))
        .filter(registration::Column::Place.is_not_null());
    let heads = page::first_of_each(waiting, by_place, u64::from(free) + u64::from(releases));
    Ok(registration::Model::find_by_statement(db.get_database_backend().build(&heads)).all(db).await?)
}
