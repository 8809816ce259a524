//! The rows of centers, as commands find and write them.

use std::{collections::HashSet, sync::LazyLock};

use domain::{CenterId, ExternalId, Timestamp};
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::ArrayType};
use uuid::Uuid;

use crate::{
    CenterRow, StoreError,
    entities::center,
    error::ensure_rows,
    rows::row_set::{Column, RowSet, column, nullable, one_of, update_statement},
    search::replace_words,
};

static COLUMNS: [Column; 6] = [
    column("id", ArrayType::Uuid),
    nullable("external_id", ArrayType::String),
    column("name", ArrayType::String),
    column("time_zone", ArrayType::String),
    column("sort_key", ArrayType::String),
    column("updated_at", ArrayType::ChronoDateTimeUtc),
];
static UPDATE: LazyLock<String> = LazyLock::new(|| update_statement("centers", &COLUMNS, &[]));

/// The requested centers that exist.
pub(crate) async fn existing_centers(
    db: &impl ConnectionTrait,
    requested: impl IntoIterator<Item = CenterId>,
) -> Result<HashSet<CenterId>, StoreError> {
    let requested: Vec<_> = requested.into_iter().map(|id| id.uuid()).collect();
    if requested.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<Uuid> = center::Entity::find()
        .select_only()
        .column(center::Column::Id)
        .filter(one_of(db.get_database_backend(), center::Column::Id, requested))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(CenterId::from_uuid).collect())
}

/// The center with this external id.
pub(crate) async fn find_center_by_external_id(
    db: &impl ConnectionTrait,
    external_id: Option<&ExternalId>,
) -> Result<Option<CenterId>, StoreError> {
    Ok(find_centers_by_external_ids(db, external_id).await?.pop())
}

/// The centers with these external ids.
pub(crate) async fn find_centers_by_external_ids<'a>(
    db: &impl ConnectionTrait,
    external_ids: impl IntoIterator<Item = &'a ExternalId>,
) -> Result<Vec<CenterId>, StoreError> {
    let external_ids: Vec<_> = external_ids.into_iter().map(|id| id.as_str().to_owned()).collect();
    if external_ids.is_empty() {
        return Ok(Vec::new());
    }
    let called = one_of(db.get_database_backend(), center::Column::ExternalId, external_ids);
    let rows = center::Entity::find().filter(called).all(db).await?;
    Ok(rows.into_iter().map(|row| CenterId::from_uuid(row.id)).collect())
}

/// Updates a center and its search words.
pub(crate) async fn update_center(
    db: &impl ConnectionTrait,
    changed: CenterRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    replace_words(db, std::slice::from_ref(&changed)).await?;
    let CenterRow { id, external_id, name, time_zone, sort_key, .. } = changed;
    let row = [id.into(), external_id.into(), name.into(), time_zone.into(), sort_key.into(), now.into()];
    let affected = RowSet::new(&COLUMNS, [row]).execute(db, &UPDATE).await?;
    ensure_rows("center", 1, affected)
}
