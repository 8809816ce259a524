use domain::{
    ApiKeyId, CenterId,
    access::{ManageApiKeys, Permit},
};
use sea_orm::{EntityTrait, QueryOrder};

use crate::{
    ApiKeyRow, Direction, Ordering, Page, Slice, Store, StoreError,
    api_keys::api_key_centers,
    entities::api_key::{self, Column, Entity},
    pagination::{keyset::order_fields, page},
};

order_fields! {
    /// The fields that order API keys.
    pub enum ApiKeyOrder for api_key {
        /// When the key was created.
        CreatedAt: Id in ApiKeys,
    }
}

/// The order of API keys.
pub const NEWEST_FIRST: Ordering<ApiKeyOrder> =
    Ordering { by: ApiKeyOrder::CreatedAt, direction: Direction::Descending };

impl Store {
    /// A page of all API keys, including expired and revoked ones.
    pub async fn list_api_keys(&self, page: &Page, _: &Permit<ManageApiKeys>) -> Result<Slice<ApiKeyRow>, StoreError> {
        page::page(&self.read, Entity::find(), NEWEST_FIRST, page).await
    }

    /// The number of API keys.
    pub async fn count_api_keys(&self, _: &Permit<ManageApiKeys>) -> Result<u64, StoreError> {
        page::count(&self.read, Entity::find()).await
    }

    /// All API keys, including expired and revoked ones, newest first.
    pub async fn api_keys(&self, _: &Permit<ManageApiKeys>) -> Result<Vec<ApiKeyRow>, StoreError> {
        Ok(Entity::find().order_by_desc(Column::Id).all(&self.read).await?)
    }

    /// An API key.
    pub async fn api_key(&self, id: ApiKeyId, _: &Permit<ManageApiKeys>) -> Result<Option<ApiKeyRow>, StoreError> {
        Ok(Entity::find_by_id(id.uuid()).one(&self.read).await?)
    }

    /// The ids of the centers of an API key; `None`: all centers.
    pub async fn centers_of_api_key(&self, row: &ApiKeyRow) -> Result<Option<Vec<CenterId>>, StoreError> {
        Ok(if row.all_centers { None } else { Some(api_key_centers(&self.read, row).await?) })
    }
}
