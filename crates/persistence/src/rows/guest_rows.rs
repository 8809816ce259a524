//! The rows of guests, as commands find and write them.

use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

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
    row_policy::at_centers,
    rows::row_set::{Column, RowSet, column, insert_statement, nullable, one_of, update_statement},
    search::{Searchable, replace_words},
};

/// The guest with this external id.
pub(crate) async fn find_guest_by_external_id(
    db: &impl ConnectionTrait,
    external_id: Option<&ExternalId>,
) -> Result<Option<GuestId>, StoreError> {
    let Some(external_id) = external_id else { return Ok(None) };
    let row = guest::Entity::find().filter(guest::Column::ExternalId.eq(external_id.as_str())).one(db).await?;
    Ok(row.map(|row| GuestId::from_uuid(row.id)))
}

/// A guest whose home center this is, or who has registered there.
#[derive(FromQueryResult)]
pub(crate) struct GuestCenters {
    pub(crate) guest_id: Uuid,
    pub(crate) center_id: Uuid,
}

/// The pairs of these guests and these centers in which the guest is at home, or has registered, at the center.
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
        .and_where(at_centers(backend, guest::Column::HomeCenterId, centers));
    let registered = Query::select()
        .column(registration::Column::GuestId)
        .column(registration::Column::CenterId)
        .from(registration::Entity)
        .and_where(one_of(backend, registration::Column::GuestId, guests.iter().map(|id| id.uuid())))
        .and_where(at_centers(backend, registration::Column::CenterId, centers))
        .to_owned();
    let statement = at_home.union(UnionType::Distinct, registered);
    Ok(GuestCenters::find_by_statement(backend.build(statement)).all(db).await?)
}

/// The guests among these that the caller can see.
pub(crate) async fn visible_guests(
    db: &impl ConnectionTrait,
    guests: BTreeSet<GuestId>,
    by: &Authority,
) -> Result<BTreeSet<GuestId>, StoreError> {
    let visibility = by.visibility().guests();
    let pairs = match visibility {
        GuestVisibility::AtCenters(centers) => guest_centers(db, &guests, centers).await?,
        GuestVisibility::All | GuestVisibility::Only(_) | GuestVisibility::None => Vec::new(),
    };
    let mut centers: HashMap<GuestId, Vec<CenterId>> = HashMap::new();
    for GuestCenters { guest_id, center_id } in pairs {
        centers.entry(GuestId::from_uuid(guest_id)).or_default().push(CenterId::from_uuid(center_id));
    }
    let is_visible = |guest: &GuestId| visibility.includes_guest(*guest, centers.get(guest).into_iter().flatten());
    Ok(guests.into_iter().filter(is_visible).collect())
}

/// The guest with this id, if it exists.
pub(crate) async fn find_guest(db: &impl ConnectionTrait, id: GuestId) -> Result<Option<GuestId>, StoreError> {
    Ok(guest::Entity::find_by_id(id.uuid()).one(db).await?.map(|row| GuestId::from_uuid(row.id)))
}

/// The row of a new guest. The caller has checked the home center.
pub(crate) fn guest_row(id: GuestId, details: GuestDetails, now: Timestamp) -> GuestRow {
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
    .with_sort_key()
}

/// The row of a guest after these changes. The caller has checked the home center.
pub(crate) fn apply_changes(row: &GuestRow, changes: &GuestChanges) -> GuestRow {
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
    .with_sort_key()
}

static COLUMNS: [Column; 9] = [
    column("id", ArrayType::Uuid),
    nullable("external_id", ArrayType::String),
    column("given_name", ArrayType::String),
    column("family_name", ArrayType::String),
    nullable("email", ArrayType::String),
    nullable("phone", ArrayType::String),
    nullable("home_center_id", ArrayType::Uuid),
    column("sort_key", ArrayType::String),
    column("updated_at", ArrayType::ChronoDateTimeUtc),
];
/// `WHERE true` prevents SQLite from parsing `ON CONFLICT` as a join condition.
static INSERT_NEW: LazyLock<String> = LazyLock::new(|| {
    let insert = insert_statement("guests", &COLUMNS, &[("created_at", "rows.updated_at")]);
    format!("{insert} WHERE true ON CONFLICT (external_id) DO NOTHING")
});
static UPDATE: LazyLock<String> = LazyLock::new(|| update_statement("guests", &COLUMNS, &[]));

fn values(row: GuestRow, now: Timestamp) -> [Value; 9] {
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

/// Inserts the guests whose external id no guest has.
pub(crate) async fn insert_new_guests(
    db: &impl ConnectionTrait,
    guests: Vec<GuestRow>,
    now: Timestamp,
) -> Result<(), StoreError> {
    RowSet::new(&COLUMNS, guests.into_iter().map(|row| values(row, now))).execute(db, &INSERT_NEW).await?;
    Ok(())
}

/// Updates guests and their search words.
pub(crate) async fn update_guests(
    db: &impl ConnectionTrait,
    changed: Vec<GuestRow>,
    now: Timestamp,
) -> Result<(), StoreError> {
    replace_words(db, &changed).await?;
    let rows = RowSet::new(&COLUMNS, changed.into_iter().map(|row| values(row, now)));
    let count = rows.len();
    let affected = rows.execute(db, &UPDATE).await?;
    ensure_rows("guest", count, affected)
}
