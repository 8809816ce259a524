//! Lists: a filter, an order, pages, and a length; of everything, or of many parents.

use std::{collections::HashMap, hash::Hash};

use sea_orm::{EntityTrait, Select, sea_query::ColumnRef};
use uuid::Uuid;

use crate::{
    OffsetPage, OrderField, Ordering, Page, Slice, StoreError, View, pagination::page, row_policy::RowPolicy,
    rows::row_decoding::DecodeRow,
};

/// A filter of a list. All given conditions must hold.
pub trait Filter: Clone + Eq + Hash + Send + Sync + 'static {
    /// The rows of the list.
    type Row: Send + Sync + DecodeRow;
    #[doc(hidden)]
    type Entity: EntityTrait<Model = Self::Row> + RowPolicy;

    #[doc(hidden)]
    fn list(&self, view: &View) -> impl Future<Output = Result<Select<Self::Entity>, StoreError>> + Send;
}

/// An object that has a list.
pub trait Parent<F: Filter>: Copy + Eq + Hash + Send + Sync + 'static {
    #[doc(hidden)]
    fn column() -> ColumnRef;
    #[doc(hidden)]
    fn to_uuid(self) -> Uuid;
    #[doc(hidden)]
    fn of_uuid(uuid: Uuid) -> Self;
    /// The list, joined with the table of [`Self::column`].
    #[doc(hidden)]
    fn join(list: Select<F::Entity>) -> Select<F::Entity> {
        list
    }
}

/// Implements [`Parent`] for an id: the rows of a list have the id of their parent in a column.
macro_rules! parent {
    ($id:ident of $filter:ident by $column:expr $(, joined by $join:expr)?) => {
        impl $crate::queries::list::Parent<$filter> for $id {
            fn column() -> sea_orm::sea_query::ColumnRef {
                $column.as_column_ref().into()
            }

            fn to_uuid(self) -> uuid::Uuid {
                self.uuid()
            }

            fn of_uuid(uuid: uuid::Uuid) -> Self {
                Self::from_uuid(uuid)
            }

            $(fn join(list: Select<<$filter as Filter>::Entity>) -> Select<<$filter as Filter>::Entity> {
                list.join(sea_orm::JoinType::InnerJoin, $join)
            })?
        }
    };
}
pub(super) use parent;

impl View {
    /// A page of a list.
    pub async fn list<F: Filter, O: OrderField<Entity = F::Entity>>(
        &self,
        filter: &F,
        ordering: Ordering<O>,
        page: &Page,
    ) -> Result<Slice<F::Row>, StoreError> {
        page::page(&self.read, self.visible(filter.list(self).await?), ordering, page).await
    }

    /// A page of a list by offset.
    pub async fn list_by_offset<F: Filter, O: OrderField<Entity = F::Entity>>(
        &self,
        filter: &F,
        ordering: Ordering<O>,
        page: OffsetPage,
    ) -> Result<Vec<F::Row>, StoreError> {
        page::page_by_offset(&self.read, self.visible(filter.list(self).await?), ordering, page).await
    }

    /// The length of a list.
    pub async fn count<F: Filter>(&self, filter: &F) -> Result<u64, StoreError> {
        page::count(&self.read, self.visible(filter.list(self).await?)).await
    }

    /// A page of each parent's list. A parent without rows can be absent from the result.
    pub async fn list_of<P: Parent<F>, F: Filter, O: OrderField<Entity = F::Entity>>(
        &self,
        parents: &[P],
        filter: &F,
        ordering: Ordering<O>,
        page: &Page,
    ) -> Result<HashMap<P, Slice<F::Row>>, StoreError> {
        let list = P::join(self.visible(filter.list(self).await?));
        let ids: Vec<_> = parents.iter().map(|parent| parent.to_uuid()).collect();
        let pages = page::pages(&self.read, list, P::column(), &ids, ordering, page).await?;
        Ok(pages.into_iter().map(|(id, page)| (P::of_uuid(id), page)).collect())
    }

    /// The length of each parent's list. A parent without rows is absent from the result.
    pub async fn count_of<P: Parent<F>, F: Filter>(
        &self,
        parents: &[P],
        filter: &F,
    ) -> Result<HashMap<P, u64>, StoreError> {
        let list = P::join(self.visible(filter.list(self).await?));
        let counts = page::counts(&self.read, list, P::column(), parents.iter().map(|id| id.to_uuid())).await?;
        Ok(counts.into_iter().map(|(id, count)| (P::of_uuid(id), count)).collect())
    }
}
