//! The rows of guests, as commands look them up and write them.

use std::collections::{BTreeSet, HashMap};

use domain::{
    CenterId, ExternalId, GuestChanges, GuestDetails, GuestId, Timestamp,
    access::{Authority, GuestVisibility},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Value,
    sea_query::{ArrayType, Expr, Query, UnionType},
};
use uuid::Uuid;

use crate::{
    GuestRow, StoreError,
    entities::{guest, registration},
    error::ensure_rows,
    rows::row_set::{Column, RowSet, column, nullable, one_of},
    search::{Searchable, keep_words},
    view::at,
};

/// The guest who has this external id.
pub(crate) async fn guest_called(
    db: &impl ConnectionTrait,
    external_id: Option<&ExternalId>,
) -> Result<Option<GuestId>, StoreError> {
    let Some(external_id) = external_id else { return Ok(None) };
    let row = guest::Entity::find().filter(guest::Column::ExternalId.eq(external_id.as_str())).one(db).await?;
    Ok(row.map(|row| GuestId::from_uuid(row.id)))
}

/// A guest who is at home at a center, or has registered there.
#[derive(FromQueryResult)]
pub(crate) struct GuestCenters {
    pub(crate) guest_id: Uuid,
    pub(crate) center_id: Uuid,
}

/// At which of these centers these guests are known.
pub(crate) async fn guest_centers(
    db: &impl ConnectionTrait,
    guests: &BTreeSet<GuestId>,
    centers: &BTreeSet<CenterId>,
) -> Result<Vec<GuestCenters>, StoreError> {
    if guests.is_empty() || centers.is_empty() {
        return Ok(Vec::new());
    }
    let backend = db.get_database_backend();
    let mut at_home = Query::select();
    at_home
        .expr_as(Expr::col(guest::Column::Id), "guest_id")
        .expr_as(Expr::col(guest::Column::HomeCenterId), "center_id")
        .from(guest::Entity)
        .and_where(one_of(backend, guest::Column::Id, guests.iter().map(|id| id.uuid())))
        .and_where(at(backend, guest::Column::HomeCenterId, centers));
    let registered = Query::select()
        .column(registration::Column::GuestId)
        .column(registration::Column::CenterId)
        .from(registration::Entity)
        .and_where(one_of(backend, registration::Column::GuestId, guests.iter().map(|id| id.uuid())))
        .and_where(at(backend, registration::Column::CenterId, centers))
        .to_owned();
    let statement = at_home.union(UnionType::Distinct, registered);
    Ok(GuestCenters::find_by_statement(backend.build(statement)).all(db).await?)
}

/// Those of these guests whom somebody sees.
pub(crate) async fn seen_guests(
    db: &impl ConnectionTrait,
    guests: BTreeSet<GuestId>,
    by: &Authority,
) -> Result<BTreeSet<GuestId>, StoreError> {
    let people = by.visibility().guests();
    let known_at = match people {
        GuestVisibility::AtCenters(centers) => guest_centers(db, &guests, centers).await?,
        GuestVisibility::All | GuestVisibility::Only(_) | GuestVisibility::None => Vec::new(),
    };
    let mut centers: HashMap<GuestId, Vec<CenterId>> = HashMap::new();
    for GuestCenters { guest_id, center_id } in known_at {
        centers.entry(GuestId::from_uuid(guest_id)).or_default().push(CenterId::from_uuid(center_id));
    }
    let is_seen = |guest: &GuestId| people.includes_guest(*guest, centers.get(guest).into_iter().flatten());
    Ok(guests.into_iter().filter(is_seen).collect())
}

/// The guest, if there is one with this id.
pub(crate) async fn known_guest(db: &impl ConnectionTrait, id: GuestId) -> Result<Option<GuestId>, StoreError> {
    Ok(guest::Entity::find_by_id(id.uuid()).one(db).await?.map(|row| GuestId::from_uuid(row.id)))
}

/// The row of a new guest, whose home center is known.
pub(crate) fn new_guest(id: GuestId, details: GuestDetails, now: Timestamp) -> GuestRow {
    GuestRow {
        id: id.uuid(),
        external_id: details.external_id.map(|id| id.as_str().to_owned()),
        given_name: details.given_name.as_str().to_owned(),
        family_name: details.family_name.as_str().to_owned(),
        email: details.email.map(|email| email.as_str().to_owned()),
        phone: details.phone.map(|phone| phone.as_str().to_owned()),
        home_center_id: details.home_center.apply_to(None).flatten().map(|id| id.uuid()),
        created_at: now,
        updated_at: now,
        sort_key: String::new(),
    }
    .sorted()
}

/// The row of a guest once it is changed, the home center being known.
pub(crate) fn changed_guest(row: &GuestRow, changes: &GuestChanges) -> GuestRow {
    let GuestRow { external_id, email, phone, .. } = row.clone();
    let name = |new: Option<&domain::Name>, old: &String| new.map_or(old.clone(), |name| name.as_str().to_owned());
    GuestRow {
        external_id: changes.external_id.clone().map(|id| id.as_str().to_owned()).apply_to(external_id),
        given_name: name(changes.given_name.as_ref(), &row.given_name),
        family_name: name(changes.family_name.as_ref(), &row.family_name),
        email: changes.email.clone().map(|email| email.as_str().to_owned()).apply_to(email),
        phone: changes.phone.clone().map(|phone| phone.as_str().to_owned()).apply_to(phone),
        home_center_id: changes
            .home_center
            .clone()
            .map(|center| center.map(|id| id.uuid()))
            .apply_to(Some(row.home_center_id))
            .flatten(),
        ..row.clone()
    }
    .sorted()
}

/// The columns of a guest that an edit writes.
fn guest_columns() -> [Column; 9] {
    [
        column("id", ArrayType::Uuid),
        nullable("external_id", ArrayType::String),
        column("given_name", ArrayType::String),
        column("family_name", ArrayType::String),
        nullable("email", ArrayType::String),
        nullable("phone", ArrayType::String),
        nullable("home_center_id", ArrayType::Uuid),
        column("sort_key", ArrayType::String),
        column("at", ArrayType::ChronoDateTimeUtc),
    ]
}

fn guest_values(row: GuestRow, now: Timestamp) -> [Value; 9] {
    [
        row.id.into(),
        row.external_id.into(),
        row.given_name.into(),
        row.family_name.into(),
        row.email.into(),
        row.phone.into(),
        row.home_center_id.into(),
        row.sort_key.into(),
        now.into(),
    ]
}

/// Enters those of these guests whose external id nobody has.
pub(crate) async fn enter_unknown_guests(
    db: &impl ConnectionTrait,
    guests: Vec<GuestRow>,
    now: Timestamp,
) -> Result<(), StoreError> {
    // `WHERE true` keeps SQLite from reading `ON CONFLICT` as a join condition.
    let insert = "INSERT INTO guests (id, external_id, given_name, family_name, email, phone, home_center_id, \
                  sort_key, created_at, updated_at) SELECT id, external_id, given_name, family_name, email, phone, \
                  home_center_id, sort_key, at, at FROM rows \
                  WHERE true ON CONFLICT (external_id) DO NOTHING";
    RowSet::of(guest_columns(), guests.into_iter().map(|row| guest_values(row, now))).execute(db, insert).await?;
    Ok(())
}

/// Writes guests that were changed.
pub(crate) async fn write_guests(
    db: &impl ConnectionTrait,
    changed: Vec<GuestRow>,
    now: Timestamp,
) -> Result<(), StoreError> {
    keep_words(db, &changed).await?;
    let rows = RowSet::of(guest_columns(), changed.into_iter().map(|row| guest_values(row, now)));
    let count = rows.len();
    let update = "UPDATE guests SET external_id = rows.external_id, given_name = rows.given_name, \
                  family_name = rows.family_name, email = rows.email, phone = rows.phone, \
                  home_center_id = rows.home_center_id, sort_key = rows.sort_key, updated_at = rows.at FROM rows WHERE guests.id = rows.id";
    let written = rows.execute(db, update).await?;
    ensure_rows("guest", count, written)
}
