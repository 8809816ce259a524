use domain::{CenterId, ExternalId, GuestId, SearchText};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use super::list::Filter;
use crate::{GuestRow, StoreError, View, entities::guest, pagination::keyset::order_fields, search::matching_text};

order_fields! {
    /// The fields that order guests.
    pub enum GuestOrder for guest {
        /// The family name, then the given name.
        FamilyName: Text(SortKey) in GuestsByFamilyName,
        /// When the guest was created.
        CreatedAt: Id in GuestsByCreation,
    }
}

/// A filter of guests. All given conditions must hold.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct GuestFilter {
    /// The words of names, email address and phone number.
    pub text: SearchText,
    /// The id in another system.
    pub external_id: Option<ExternalId>,
    /// The home center.
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
    /// The visible guests with these ids, in no particular order.
    pub async fn guests(&self, ids: &[GuestId]) -> Result<Vec<GuestRow>, StoreError> {
        self.rows_by::<guest::Entity, _>(guest::Column::Id, ids.iter().map(|id| id.uuid())).await
    }

    /// The visible guests with these external ids, in no particular order.
    pub async fn guests_by_external_ids(&self, ids: &[ExternalId]) -> Result<Vec<GuestRow>, StoreError> {
        self.rows_by::<guest::Entity, _>(guest::Column::ExternalId, ids.iter().map(|id| id.as_str().to_owned())).await
    }
}
