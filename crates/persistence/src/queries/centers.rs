use std::collections::HashMap;

use domain::{CenterId, ExternalId, SearchText, WorkshopId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, ExprTrait, Order, WindowStatement},
};

use super::list::Filter;
use crate::{
    CenterRow, StoreError, View,
    entities::{center, workshop_center},
    pagination::{keyset::order_fields, page::first_of_each},
    rows::{row_decoding::DecodeRow, row_set::one_of},
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

/// The workshop that a center runs.
const WORKSHOP: (workshop_center::Entity, workshop_center::Column) =
    (workshop_center::Entity, workshop_center::Column::WorkshopId);

fn is_run_by_center() -> Expr {
    Expr::col((workshop_center::Entity, workshop_center::Column::CenterId)).equals((center::Entity, center::Column::Id))
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

    /// The centers that run these workshops, each with the workshop, ordered by name. Loads at most this many, the first
    /// by name.
    pub async fn centers_of_workshops(
        &self,
        workshops: &[WorkshopId],
        at_most: usize,
    ) -> Result<Vec<(WorkshopId, CenterRow)>, StoreError> {
        let statement = center::Entity::find()
            .filter(one_of(self.backend(), WORKSHOP, workshops.iter().map(|id| id.uuid())))
            .order_by_asc(center::Column::SortKey)
            .order_by_asc(center::Column::Id)
            .limit(at_most as u64)
            .into_query()
            .join(JoinType::InnerJoin, workshop_center::Entity, is_run_by_center())
            .expr_as(Expr::col(WORKSHOP), "workshop_id")
            .to_owned();
        let rows = self.read.query_all(&statement).await?;
        let center =
            |row: &QueryResult| Ok((WorkshopId::from_uuid(row.try_get("", "workshop_id")?), CenterRow::decode(row)?));
        rows.iter().map(center).collect()
    }

    /// The first center by name that runs each workshop. Workshops without a center are absent.
    pub async fn first_centers_of_workshops(
        &self,
        workshops: &[WorkshopId],
    ) -> Result<HashMap<WorkshopId, CenterId>, StoreError> {
        let mut by_name = WindowStatement::partition_by(WORKSHOP);
        by_name.order_by(center::Column::SortKey, Order::Asc).order_by(center::Column::Id, Order::Asc);
        let list = workshop_center::Entity::find()
            .filter(one_of(self.backend(), WORKSHOP, workshops.iter().map(|id| id.uuid())))
            .into_query()
            .join(JoinType::InnerJoin, center::Entity, is_run_by_center())
            .to_owned();
        let rows = self.read.query_all(&first_of_each(list, by_name, 1)).await?;
        let ids = |row: &QueryResult| {
            let (workshop, center) = (row.try_get("", "workshop_id")?, row.try_get("", "center_id")?);
            Ok((WorkshopId::from_uuid(workshop), CenterId::from_uuid(center)))
        };
        rows.iter().map(ids).collect()
    }
}
