//! The rows of centers, as commands look them up and write them.

use std::collections::HashSet;

use domain::{CenterId, ExternalId, Timestamp};
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::ArrayType};
use uuid::Uuid;

use crate::{
    CenterRow, StoreError,
    entities::center,
    error::ensure_rows,
    rows::row_set::{RowSet, column, nullable, one_of},
    search::keep_words,
};

/// Those of these centers that there are.
pub(crate) async fn known_centers(
    db: &impl ConnectionTrait,
    asked: impl IntoIterator<Item = CenterId>,
) -> Result<HashSet<CenterId>, StoreError> {
    let asked: Vec<_> = asked.into_iter().map(|id| id.uuid()).collect();
    if asked.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<Uuid> = center::Entity::find()
        .select_only()
        .column(center::Column::Id)
        .filter(one_of(db.get_database_backend(), center::Column::Id, asked))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(CenterId::from_uuid).collect())
}

/// The center that has this external id.
pub(crate) async fn center_called(
    db: &impl ConnectionTrait,
    external_id: Option<&ExternalId>,
) -> Result<Option<CenterId>, StoreError> {
    Ok(centers_called(db, external_id).await?.pop())
}

/// The centers that have these external ids.
pub(crate) async fn centers_called<'a>(
    db: &impl ConnectionTrait,
    asked: impl IntoIterator<Item = &'a ExternalId>,
) -> Result<Vec<CenterId>, StoreError> {
    let asked: Vec<_> = asked.into_iter().map(|id| id.as_str().to_owned()).collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let called = one_of(db.get_database_backend(), center::Column::ExternalId, asked);
    let rows = center::Entity::find().filter(called).all(db).await?;
    Ok(rows.into_iter().map(|row| CenterId::from_uuid(row.id)).collect())
}

/// Writes a center that was changed.
pub(crate) async fn write_center(
    db: &impl ConnectionTrait,
    changed: CenterRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    let columns = [
        column("id", ArrayType::Uuid),
        nullable("external_id", ArrayType::String),
        column("name", ArrayType::String),
        column("time_zone", ArrayType::String),
        column("sort_key", ArrayType::String),
        column("at", ArrayType::ChronoDateTimeUtc),
    ];
    keep_words(db, std::slice::from_ref(&changed)).await?;
    let CenterRow { id, external_id, name, time_zone, sort_key, .. } = changed;
    let row = [id.into(), external_id.into(), name.into(), time_zone.into(), sort_key.into(), now.into()];
    let rows = RowSet::of(columns, [row]);
    let update = "UPDATE centers SET external_id = rows.external_id, name = rows.name, time_zone = rows.time_zone, \
                  sort_key = rows.sort_key, updated_at = rows.at FROM rows WHERE centers.id = rows.id";
    let written = rows.execute(db, update).await?;
    ensure_rows("center", 1, written)
}
