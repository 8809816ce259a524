use std::collections::HashMap;

use domain::RegistrationStatus;
use sea_orm::{
    ConnectionTrait, FromQueryResult, QueryFilter, QueryTrait, Select,
    sea_query::{Asterisk, Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    super::list::{Filter, Parent},
    RegistrationFilter,
};
use crate::{
    EnumColumn, StoreError, View,
    entities::registration::{self, Column},
    pagination::page,
    rows::row_set::one_of,
};

/// The number of registrations by status. Statuses without registrations are absent.
pub type StatusCounts = Vec<(RegistrationStatus, u64)>;

#[derive(FromQueryResult)]
struct StatusCount {
    parent: Option<Uuid>,
    status: EnumColumn<RegistrationStatus>,
    number: i64,
}

impl View {
    /// The number of registrations of a list by status.
    pub async fn status_counts(&self, filter: &RegistrationFilter) -> Result<StatusCounts, StoreError> {
        let counts = self.count_statuses(self.visible(filter.list(self).await?), None).await?;
        Ok(counts.into_values().next().unwrap_or_default())
    }

    /// The number of registrations of each parent's list by status. Parents without any are absent from the result.
    pub async fn status_counts_of<P: Parent<RegistrationFilter>>(
        &self,
        parents: &[P],
        filter: &RegistrationFilter,
    ) -> Result<HashMap<P, StatusCounts>, StoreError> {
        let of_parents = one_of(self.backend(), P::column(), parents.iter().map(|id| id.to_uuid()));
        let list = self.visible(filter.list(self).await?).filter(of_parents);
        let counts = self.count_statuses(list, Some(Expr::col(P::column()))).await?;
        Ok(counts.into_iter().filter_map(|(id, counts)| Some((P::of_uuid(id?), counts))).collect())
    }

    async fn count_statuses(
        &self,
        list: Select<registration::Entity>,
        parent: Option<Expr>,
    ) -> Result<HashMap<Option<Uuid>, StatusCounts>, StoreError> {
        let statement = list
            .into_query()
            .clear_selects()
            .expr_as(parent.clone().unwrap_or_else(|| Expr::cust("NULL")), page::PARENT)
            .column(Column::Status)
            .expr_as(Expr::col(Asterisk).count(), page::NUMBER)
            .add_group_by(parent)
            .add_group_by([Expr::col(Column::Status)])
            .to_owned();
        let mut counts: HashMap<_, StatusCounts> = HashMap::new();
        for row in self.read.query_all(&statement).await? {
            let StatusCount { parent, status, number } = StatusCount::from_query_result(&row, "")?;
            counts.entry(parent).or_default().push((status.0, number.unsigned_abs()));
        }
        Ok(counts)
    }
}
