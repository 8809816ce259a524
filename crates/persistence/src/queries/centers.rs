use std::collections::HashMap;

use domain::{CenterId, ExternalId, SearchText, WorkshopId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QueryTrait, Select,
    sea_query::{Expr, ExprTrait},
};

use super::list::Filter;
use crate::{
    CenterRow, StoreError, View,
    entities::{center, workshop_center},
    pagination::keyset::order_fields,
    rows::row_set::one_of,
    search::matching_text,
};

order_fields! {
    /// The fields that order centers.
    pub enum CenterOrder for center {
        /// The name.
        Name: Text(SortKey) in CentersByName,
        /// When the center was created.
        CreatedAt: Id in CentersByCreation,
    }
}

/// A filter of centers. All given conditions must hold.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct CenterFilter {
    /// The words of the name.
    pub text: SearchText,
    /// The id in another system.
    pub external_id: Option<ExternalId>,
}

impl Filter for CenterFilter {
    type Row = CenterRow;
    type Entity = center::Entity;

    async fn list(&self, _: &View) -> Result<Select<center::Entity>, StoreError> {
        let mut list = matching_text::<center::Model>(center::Entity::find(), &self.text);
        if let Some(id) = &self.external_id {
            list = list.filter(center::Column::ExternalId.eq(id.as_str()));
        }
        Ok(list)
    }
}

impl View {
    /// The visible centers with these ids, in no particular order.
    pub async fn centers(&self, ids: &[CenterId]) -> Result<Vec<CenterRow>, StoreError> {
        self.rows_by::<center::Entity, _>(center::Column::Id, ids.iter().map(|id| id.uuid())).await
    }

    /// The visible centers with these external ids, in no particular order.
    pub async fn centers_by_external_ids(&self, ids: &[ExternalId]) -> Result<Vec<CenterRow>, StoreError> {
        self.rows_by::<center::Entity, _>(center::Column::ExternalId, ids.iter().map(|id| id.as_str().to_owned())).await
    }

    /// The centers that run each workshop, ordered by name.
    pub async fn centers_of_workshops(
        &self,
        workshops: &[WorkshopId],
    ) -> Result<HashMap<WorkshopId, Vec<CenterRow>>, StoreError> {
        let workshop = (workshop_center::Entity, workshop_center::Column::WorkshopId);
        let runs = Expr::col((workshop_center::Entity, workshop_center::Column::CenterId))
            .equals((center::Entity, center::Column::Id));
        let statement = center::Entity::find()
            .filter(one_of(self.backend(), workshop, workshops.iter().map(|id| id.uuid())))
            .order_by_asc(center::Column::SortKey)
            .order_by_asc(center::Column::Id)
            .into_query()
            .join(JoinType::InnerJoin, workshop_center::Entity, runs)
            .expr_as(Expr::col(workshop), "workshop_id")
            .to_owned();
        let mut centers: HashMap<WorkshopId, Vec<CenterRow>> = HashMap::new();
        for row in self.read.query_all(&statement).await? {
            let workshop = WorkshopId::from_uuid(row.try_get("", "workshop_id")?);
            centers.entry(workshop).or_default().push(CenterRow::from_query_result(&row, "")?);
        }
        Ok(centers)
    }
}
