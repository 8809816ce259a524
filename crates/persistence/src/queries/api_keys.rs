use domain::{
    ApiKeyId, CenterId,
    access::{ManageApiKeys, Permit},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    ApiKeyRow, Direction, Ordering, Page, Slice, Store, StoreError,
    api_keys::centers_of,
    entities::api_key::{Column, Entity},
    pagination::{
        keyset::{List, OrderField, OrderedBy},
        page,
    },
};

/// By what API keys are ordered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ByCreation;

/// The order in which API keys are read.
pub const NEWEST_FIRST: Ordering<ByCreation> = Ordering { by: ByCreation, direction: Direction::Descending };

impl OrderField for ByCreation {
    type Entity = Entity;

    fn order(self) -> (OrderedBy<Column>, List) {
        (OrderedBy::Id, List::ApiKeys)
    }

    fn id() -> Column {
        Column::Id
    }
}

impl Store {
    /// A page of all API keys, past ones too.
    pub async fn list_api_keys(&self, page: &Page, _: &Permit<ManageApiKeys>) -> Result<Slice<ApiKeyRow>, StoreError> {
        page::page(&self.read, Entity::find(), NEWEST_FIRST, page).await
    }

    /// How many API keys there are.
    pub async fn count_api_keys(&self, _: &Permit<ManageApiKeys>) -> Result<u64, StoreError> {
        page::count(&self.read, Entity::find()).await
    }

    /// All API keys, past ones too, newest first.
    pub async fn api_keys(&self, _: &Permit<ManageApiKeys>) -> Result<Vec<ApiKeyRow>, StoreError> {
        Ok(Entity::find().order_by_desc(Column::Id).all(&self.read).await?)
    }

    /// An API key.
    pub async fn api_key(&self, id: ApiKeyId, _: &Permit<ManageApiKeys>) -> Result<Option<ApiKeyRow>, StoreError> {
        Ok(Entity::find().filter(Column::Id.eq(id.uuid())).one(&self.read).await?)
    }

    /// The centers of an API key, by their ids; `None`: all.
    pub async fn centers_of_api_key(&self, row: &ApiKeyRow) -> Result<Option<Vec<CenterId>>, StoreError> {
        Ok(if row.all_centers { None } else { Some(centers_of(&self.read, row).await?) })
    }
}
