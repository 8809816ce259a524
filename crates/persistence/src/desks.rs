//! From rows to desks: the snapshot of every workshop of a batch, in a number of statements that does not depend on
//! how many workshops or guests there are.

use std::collections::{BTreeSet, HashMap};

use domain::{CenterId, Desk, GuestId, RegistrationId, RegistrationStatus, WorkshopId};
use sea_orm::{
    ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, LockType, Query},
};
use uuid::Uuid;

use crate::{
    StoreError, Stored,
    entities::{guest, registration, track, workshop, workshop_center},
    rows::one_of,
};

/// What a batch needs to know.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    pub(crate) workshops: BTreeSet<WorkshopId>,
    pub(crate) guests: BTreeSet<GuestId>,
}

/// Whether the workshops are held until the transaction ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Hold {
    /// Nobody else changes a seat meanwhile. Children are read after the parent is held.
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
            next_place: row.next_place()?,
        };
        desks.insert(desk.workshop.id, desk);
    }

    let tracks = track::Entity::find().filter(one_of(backend, track::Column::WorkshopId, ids()));
    for row in tracks.all(db).await? {
        if let Some(desk) = desks.get_mut(&WorkshopId::from_uuid(row.workshop_id)) {
            desk.tracks.insert(row.track_id()?, row.seats()?);
        }
    }
    let centers = workshop_center::Entity::find().filter(one_of(backend, workshop_center::Column::WorkshopId, ids()));
    for row in centers.all(db).await? {
        if let Some(desk) = desks.get_mut(&WorkshopId::from_uuid(row.workshop_id)) {
            desk.centers.insert(CenterId::from_uuid(row.center_id));
        }
    }
    for KnownGuest { guest_id, workshop_id, registration_id } in known_guests(db, questions).await? {
        let guest = GuestId::from_uuid(guest_id);
        for desk in desks.values_mut() {
            desk.guests.entry(guest).or_default();
        }
        let desk = workshop_id.and_then(|id| desks.get_mut(&WorkshopId::from_uuid(id)));
        if let (Some(desk), Some(id)) = (desk, registration_id) {
            desk.guests.insert(guest, Some(RegistrationId::from_uuid(id)));
        }
    }
    Ok(desks)
}

/// A guest who exists, once for each live registration at one of the workshops, or once without any.
#[derive(FromQueryResult)]
struct KnownGuest {
    guest_id: Uuid,
    workshop_id: Option<Uuid>,
    registration_id: Option<Uuid>,
}

async fn known_guests(db: &impl ConnectionTrait, questions: &Questions) -> Result<Vec<KnownGuest>, StoreError> {
    let backend = db.get_database_backend();
    let live = Expr::col((registration::Entity, registration::Column::Status))
        .is_in(RegistrationStatus::LIVE.map(|status| sea_orm::Value::from(Stored(status))));
    let here = one_of(
        backend,
        (registration::Entity, registration::Column::WorkshopId),
        questions.workshops.iter().map(|id| id.uuid()),
    );
    let theirs =
        Expr::col((registration::Entity, registration::Column::GuestId)).equals((guest::Entity, guest::Column::Id));
    let select = Query::select()
        .expr_as(Expr::col((guest::Entity, guest::Column::Id)), Alias::new("guest_id"))
        .expr_as(Expr::col((registration::Entity, registration::Column::WorkshopId)), Alias::new("workshop_id"))
        .expr_as(Expr::col((registration::Entity, registration::Column::Id)), Alias::new("registration_id"))
        .from(guest::Entity)
        .join(JoinType::LeftJoin, registration::Entity, theirs.and(here).and(live))
        .and_where(one_of(backend, (guest::Entity, guest::Column::Id), questions.guests.iter().map(|id| id.uuid())))
        .to_owned();
    Ok(KnownGuest::find_by_statement(backend.build(&select)).all(db).await?)
}
