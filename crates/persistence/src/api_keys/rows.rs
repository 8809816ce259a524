use domain::{ApiKeyText, CenterId, commands::revoke_api_key::ApiKeyReference};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, sea_query::LockType,
};

use crate::{
    ApiKeyRow, StoreError,
    entities::{api_key, api_key_center},
    rows::workshop_rows::insert,
};

/// A new random key.
pub(crate) fn random_api_key() -> Result<ApiKeyText, StoreError> {
    let (mut prefix, mut secret) = ([0; 5], [0; 20]);
    getrandom::fill(&mut prefix)
        .and_then(|()| getrandom::fill(&mut secret))
        .map_err(StoreError::RandomnessUnavailable)?;
    Ok(ApiKeyText::from_random_bytes(prefix, secret))
}

/// Locks a key and returns its row.
pub(crate) async fn lock_api_key(
    tx: &DatabaseTransaction,
    key: Option<&ApiKeyReference>,
) -> Result<Option<ApiKeyRow>, StoreError> {
    let Some(key) = key else { return Ok(None) };
    let filter = match key {
        ApiKeyReference::Id(id) => api_key::Column::Id.eq(id.uuid()),
        ApiKeyReference::Prefix(prefix) => api_key::Column::Prefix.eq(prefix.to_string()),
    };
    Ok(api_key::Entity::find().filter(filter).lock(LockType::NoKeyUpdate).one(tx).await?)
}

/// Inserts a key with its centers.
pub(crate) async fn insert_api_key(
    db: &impl ConnectionTrait,
    row: &ApiKeyRow,
    centers: &[CenterId],
) -> Result<(), StoreError> {
    insert::<api_key::Entity>(db, [row.clone()]).await?;
    let center_row = |center: &CenterId| api_key_center::Model { api_key_id: row.id, center_id: center.uuid() };
    insert::<api_key_center::Entity>(db, centers.iter().map(center_row)).await
}

/// The centers of a key.
pub(crate) async fn api_key_centers(db: &impl ConnectionTrait, row: &ApiKeyRow) -> Result<Vec<CenterId>, StoreError> {
    let rows = api_key_center::Entity::find().filter(api_key_center::Column::ApiKeyId.eq(row.id)).all(db).await?;
    Ok(rows.into_iter().map(|row| CenterId::from_uuid(row.center_id)).collect())
}
