use std::collections::HashMap;

use domain::{CenterId, ExternalId, Stage, Timestamp, WorkshopId, WorkshopStatus};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QuerySelect, RelationDef,
    RelationTrait, Select,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::{
    Ordering, Page, Slice, Store, StoreError, Stored, WorkshopRow,
    entities::{workshop, workshop_center},
    keyset::{List, OrderField, OrderedBy},
    page,
};

/// By what workshops can be ordered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum WorkshopOrder {
    /// The start of the first session; a workshop without sessions has none.
    StartsAt,
    /// The title.
    Title,
    /// When the workshop was entered.
    CreatedAt,
}

impl OrderField for WorkshopOrder {
    type Entity = workshop::Entity;

    fn order(self) -> (OrderedBy<workshop::Column>, List) {
        match self {
            Self::StartsAt => (OrderedBy::Instant(workshop::Column::StartsAt), List::WorkshopsByStart),
            Self::Title => (OrderedBy::Text(workshop::Column::Title), List::WorkshopsByTitle),
            Self::CreatedAt => (OrderedBy::Id, List::WorkshopsByCreation),
        }
    }

    fn id() -> workshop::Column {
        workshop::Column::Id
    }
}

/// Which workshops; every part that is given must hold.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct WorkshopFilter {
    /// In one of these states.
    pub statuses: Option<Vec<WorkshopStatus>>,
    /// Run by this center.
    pub center: Option<CenterId>,
    /// Known to another system by this id.
    pub external_id: Option<ExternalId>,
}

impl WorkshopFilter {
    fn list(&self, now: Timestamp) -> Select<workshop::Entity> {
        let mut list = workshop::Entity::find();
        if let Some(statuses) = &self.statuses {
            let any = statuses.iter().fold(Condition::any(), |any, status| any.add(has_status(*status, now)));
            // Of no states: no workshop.
            list = list.filter(if statuses.is_empty() { Expr::val(false).into() } else { any });
        }
        if let Some(center) = self.center {
            let theirs = Query::select()
                .column(workshop_center::Column::WorkshopId)
                .from(workshop_center::Entity)
                .and_where(workshop_center::Column::CenterId.eq(center.uuid()))
                .to_owned();
            list = list.filter(workshop::Column::Id.in_subquery(theirs));
        }
        if let Some(id) = &self.external_id {
            list = list.filter(workshop::Column::ExternalId.eq(id.as_str()));
        }
        list
    }
}

/// [`domain::Workshop::status`], in SQL.
fn has_status(status: WorkshopStatus, now: Timestamp) -> Condition {
    use workshop::Column::{EndsAt, Stage as InStage};
    let stage = |stage| Condition::all().add(InStage.eq(Stored(stage)));
    match status {
        WorkshopStatus::Draft => stage(Stage::Draft),
        WorkshopStatus::Cancelled => stage(Stage::Cancelled),
        WorkshopStatus::Completed => stage(Stage::Published).add(EndsAt.lte(now)),
        WorkshopStatus::Published => stage(Stage::Published).add(EndsAt.is_null().or(EndsAt.gt(now))),
    }
}

fn run_by() -> RelationDef {
    workshop_center::Relation::Workshop.def().rev()
}

const CENTER: (workshop_center::Entity, workshop_center::Column) =
    (workshop_center::Entity, workshop_center::Column::CenterId);

impl Store {
    /// The workshops with these ids, in no order.
    pub async fn workshops(&self, ids: &[WorkshopId]) -> Result<Vec<WorkshopRow>, StoreError> {
        self.rows_by::<workshop::Entity, _>(workshop::Column::Id, ids.iter().map(|id| id.uuid())).await
    }

    /// The workshops that another system knows by these ids, in no order.
    pub async fn workshops_by_external_ids(&self, ids: &[ExternalId]) -> Result<Vec<WorkshopRow>, StoreError> {
        self.rows_by::<workshop::Entity, _>(workshop::Column::ExternalId, ids.iter().map(|id| id.as_str().to_owned()))
            .await
    }

    /// A page of workshops.
    pub async fn list_workshops(
        &self,
        filter: &WorkshopFilter,
        ordering: Ordering<WorkshopOrder>,
        page: &Page,
    ) -> Result<Slice<WorkshopRow>, StoreError> {
        page::page(&self.read, filter.list(self.clock.now()), ordering, page).await
    }

    /// How many workshops there are.
    pub async fn count_workshops(&self, filter: &WorkshopFilter) -> Result<u64, StoreError> {
        Ok(filter.list(self.clock.now()).count(&self.read).await?)
    }

    /// A page of the workshops that each center runs.
    pub async fn list_workshops_of_centers(
        &self,
        centers: &[CenterId],
        filter: &WorkshopFilter,
        ordering: Ordering<WorkshopOrder>,
        page: &Page,
    ) -> Result<HashMap<CenterId, Slice<WorkshopRow>>, StoreError> {
        let list = filter.list(self.clock.now()).join(JoinType::InnerJoin, run_by());
        let pages = page::pages(&self.read, list, CENTER, centers.iter().map(|id| id.uuid()), ordering, page).await?;
        Ok(pages.into_iter().map(|(id, page)| (CenterId::from_uuid(id), page)).collect())
    }

    /// How many workshops each center runs. One that runs none is not in the answer.
    pub async fn count_workshops_of_centers(
        &self,
        centers: &[CenterId],
        filter: &WorkshopFilter,
    ) -> Result<HashMap<CenterId, u64>, StoreError> {
        let list = filter.list(self.clock.now()).join(JoinType::InnerJoin, run_by());
        let counts = page::counts(&self.read, list, CENTER, centers.iter().map(|id| id.uuid())).await?;
        Ok(counts.into_iter().map(|(id, count)| (CenterId::from_uuid(id), count)).collect())
    }
}
