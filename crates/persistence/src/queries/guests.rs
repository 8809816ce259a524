use domain::{CenterId, ExternalId, GuestId};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Select};

use crate::{
    GuestRow, Ordering, Page, Slice, Store, StoreError,
    entities::guest,
    keyset::{List, OrderField, OrderedBy},
    page,
};

/// By what guests can be ordered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum GuestOrder {
    /// The family name.
    FamilyName,
    /// When the guest was entered.
    CreatedAt,
}

impl OrderField for GuestOrder {
    type Entity = guest::Entity;

    fn order(self) -> (OrderedBy<guest::Column>, List) {
        match self {
            Self::FamilyName => (OrderedBy::Text(guest::Column::FamilyName), List::GuestsByFamilyName),
            Self::CreatedAt => (OrderedBy::Id, List::GuestsByCreation),
        }
    }

    fn id() -> guest::Column {
        guest::Column::Id
    }
}

/// Which guests; every part that is given must hold.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct GuestFilter {
    /// Of this home center.
    pub home_center: Option<CenterId>,
}

impl GuestFilter {
    fn list(&self) -> Select<guest::Entity> {
        let list = guest::Entity::find();
        match self.home_center {
            Some(center) => list.filter(guest::Column::HomeCenterId.eq(center.uuid())),
            None => list,
        }
    }
}

impl Store {
    /// The guests with these ids, in no order.
    pub async fn guests(&self, ids: &[GuestId]) -> Result<Vec<GuestRow>, StoreError> {
        self.rows_by::<guest::Entity, _>(guest::Column::Id, ids.iter().map(|id| id.uuid())).await
    }

    /// The guest whom another system knows by this id.
    pub async fn guest_by_external_id(&self, id: &ExternalId) -> Result<Option<GuestRow>, StoreError> {
        Ok(guest::Entity::find().filter(guest::Column::ExternalId.eq(id.as_str())).one(&self.read).await?)
    }

    /// A page of guests.
    pub async fn list_guests(
        &self,
        filter: &GuestFilter,
        ordering: Ordering<GuestOrder>,
        page: &Page,
    ) -> Result<Slice<GuestRow>, StoreError> {
        page::page(&self.read, filter.list(), ordering, page).await
    }

    /// How many guests there are.
    pub async fn count_guests(&self, filter: &GuestFilter) -> Result<u64, StoreError> {
        Ok(filter.list().count(&self.read).await?)
    }
}
