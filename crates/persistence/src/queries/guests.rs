use domain::{CenterId, ExternalId, GuestId, SearchText};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use super::{list::Filter, matching_text};
use crate::{
    GuestRow, StoreError, View,
    entities::guest,
    pagination::keyset::{List, OrderField, OrderedBy},
};

/// By what guests can be ordered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum GuestOrder {
    /// The family name, then the given name.
    FamilyName,
    /// When the guest was entered.
    CreatedAt,
}

impl OrderField for GuestOrder {
    type Entity = guest::Entity;

    fn order(self) -> (OrderedBy<guest::Column>, List) {
        match self {
            Self::FamilyName => (OrderedBy::Text(guest::Column::SortKey), List::GuestsByFamilyName),
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
    /// Whose names, mail address or telephone number say this.
    pub text: SearchText,
    /// EditContext to another system by this id.
    pub external_id: Option<ExternalId>,
    /// Of this home center.
    pub home_center: Option<CenterId>,
}

impl Filter for GuestFilter {
    type Row = GuestRow;
    type Entity = guest::Entity;

    async fn list(&self, _: &View) -> Result<Select<guest::Entity>, StoreError> {
        let mut list = matching_text::<guest::Model>(guest::Entity::find(), &self.text);
        if let Some(id) = &self.external_id {
            list = list.filter(guest::Column::ExternalId.eq(id.as_str()));
        }
        if let Some(center) = self.home_center {
            list = list.filter(guest::Column::HomeCenterId.eq(center.uuid()));
        }
        Ok(list)
    }
}

impl View {
    /// The guests with these ids, in no order.
    pub async fn guests(&self, ids: &[GuestId]) -> Result<Vec<GuestRow>, StoreError> {
        self.rows_by::<guest::Entity, _>(guest::Column::Id, ids.iter().map(|id| id.uuid())).await
    }

    /// The guests whom another system knows by these ids, in no order.
    pub async fn guests_by_external_ids(&self, ids: &[ExternalId]) -> Result<Vec<GuestRow>, StoreError> {
        self.rows_by::<guest::Entity, _>(guest::Column::ExternalId, ids.iter().map(|id| id.as_str().to_owned())).await
    }
}
