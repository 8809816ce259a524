use std::collections::HashMap;

use domain::{GuestId, RegistrationId, RegistrationStatus, TrackId, WorkshopId};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryTrait, Select, Value,
    sea_query::{Asterisk, Expr, ExprTrait, Func, Order, Query, WindowStatement},
};
use uuid::Uuid;

use crate::{
    Ordering, Page, RegistrationRow, Slice, Store, StoreError, Stored,
    entities::registration::{self, Column},
    keyset::{List, OrderField, OrderedBy},
    page,
    rows::one_of,
};

/// By what registrations can be ordered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RegistrationOrder {
    /// When the guest registered.
    RegisteredAt,
}

impl OrderField for RegistrationOrder {
    type Entity = registration::Entity;

    fn order(self) -> (OrderedBy<Column>, List) {
        match self {
            Self::RegisteredAt => (OrderedBy::Instant(Column::RegisteredAt), List::RegistrationsByTime),
        }
    }

    fn id() -> Column {
        Column::Id
    }
}

/// Which registrations; every part that is given must hold.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct RegistrationFilter {
    /// In one of these states.
    pub statuses: Option<Vec<RegistrationStatus>>,
    /// To this track.
    pub track: Option<TrackId>,
}

impl RegistrationFilter {
    fn list(&self) -> Select<registration::Entity> {
        let mut list = registration::Entity::find();
        if let Some(statuses) = &self.statuses {
            list = list.filter(Column::Status.is_in(statuses.iter().copied().map(Stored)));
        }
        if let Some(track) = self.track {
            list = list.filter(Column::TrackId.eq(track.number()));
        }
        list
    }
}

/// What has a list of registrations of its own.
pub trait RegistrationParent: Copy + Eq + std::hash::Hash + Send + Sync + 'static {
    #[doc(hidden)]
    const COLUMN: registration::Column;
    #[doc(hidden)]
    fn to_uuid(self) -> Uuid;
    #[doc(hidden)]
    fn of_uuid(uuid: Uuid) -> Self;
}

macro_rules! registration_parents {
    ($($id:ident by $column:ident),+) => {
        $(impl RegistrationParent for $id {
            const COLUMN: Column = Column::$column;

            fn to_uuid(self) -> Uuid {
                self.uuid()
            }

            fn of_uuid(uuid: Uuid) -> Self {
                Self::from_uuid(uuid)
            }
        })+
    };
}

registration_parents!(WorkshopId by WorkshopId, GuestId by GuestId);

/// How many registrations of a workshop, or how far back in its line, a number is about.
#[derive(FromQueryResult)]
struct StatusCount {
    workshop_id: Uuid,
    status: Stored<RegistrationStatus>,
    number: i64,
}

#[derive(FromQueryResult)]
struct Position {
    id: Uuid,
    position: i64,
}

impl Store {
    /// The registrations with these ids, in no order.
    pub async fn registrations(&self, ids: &[RegistrationId]) -> Result<Vec<RegistrationRow>, StoreError> {
        self.rows_by::<registration::Entity, _>(Column::Id, ids.iter().map(|id| id.uuid())).await
    }

    /// A page of the registrations of each parent.
    pub async fn list_registrations_of<P: RegistrationParent>(
        &self,
        parents: &[P],
        filter: &RegistrationFilter,
        ordering: Ordering<RegistrationOrder>,
        page: &Page,
    ) -> Result<HashMap<P, Slice<RegistrationRow>>, StoreError> {
        let parent = (registration::Entity, P::COLUMN);
        let ids = parents.iter().map(|parent| parent.to_uuid());
        let pages = page::pages(&self.read, filter.list(), parent, ids, ordering, page).await?;
        Ok(pages.into_iter().map(|(id, page)| (P::of_uuid(id), page)).collect())
    }

    /// The registration of a guest to each workshop: the live one, else the latest.
    pub async fn registrations_of_guest_to(
        &self,
        guest: GuestId,
        workshops: &[WorkshopId],
    ) -> Result<Vec<RegistrationRow>, StoreError> {
        let backend = self.read.get_database_backend();
        let live = RegistrationStatus::LIVE.map(|status| Value::from(Stored(status)));
        let mut newest_first = WindowStatement::partition_by(Column::WorkshopId);
        newest_first
            .order_by_expr(Expr::case(Column::Status.is_in(live), 0).finally(1).into(), Order::Asc)
            .order_by(Column::RegisteredAt, Order::Desc)
            .order_by(Column::Id, Order::Desc);
        let numbered = registration::Entity::find()
            .filter(Column::GuestId.eq(guest.uuid()))
            .filter(one_of(backend, Column::WorkshopId, workshops.iter().map(|id| id.uuid())))
            .into_query()
            .expr_window_as(Func::cust("ROW_NUMBER"), newest_first, "number")
            .to_owned();
        let statement = Query::select()
            .column(Asterisk)
            .from_subquery(numbered, "numbered")
            .and_where(Expr::col("number").eq(1))
            .to_owned();
        Ok(RegistrationRow::find_by_statement(backend.build(&statement)).all(&self.read).await?)
    }

    /// How many registrations each parent has. One without any is not in the answer.
    pub async fn count_registrations_of<P: RegistrationParent>(
        &self,
        parents: &[P],
        filter: &RegistrationFilter,
    ) -> Result<HashMap<P, u64>, StoreError> {
        let parent = (registration::Entity, P::COLUMN);
        let counts = page::counts(&self.read, filter.list(), parent, parents.iter().map(|id| id.to_uuid())).await?;
        Ok(counts.into_iter().map(|(id, count)| (P::of_uuid(id), count)).collect())
    }

    /// How many registrations each workshop has in each state. A state in which it has none is not in the answer.
    pub async fn status_counts(
        &self,
        workshops: &[WorkshopId],
    ) -> Result<HashMap<WorkshopId, Vec<(RegistrationStatus, u64)>>, StoreError> {
        let backend = self.read.get_database_backend();
        let statement = Query::select()
            .columns([Column::WorkshopId, Column::Status])
            .expr_as(Expr::col(Asterisk).count(), "number")
            .from(registration::Entity)
            .and_where(one_of(backend, Column::WorkshopId, workshops.iter().map(|id| id.uuid())))
            .group_by_columns([Column::WorkshopId, Column::Status])
            .to_owned();
        let mut counts: HashMap<WorkshopId, Vec<_>> = HashMap::new();
        for count in StatusCount::find_by_statement(backend.build(&statement)).all(&self.read).await? {
            let workshop = WorkshopId::from_uuid(count.workshop_id);
            counts.entry(workshop).or_default().push((count.status.0, count.number.unsigned_abs()));
        }
        Ok(counts)
    }

    /// The rank in its line, from 1, of each registration that waits.
    pub async fn waitlist_positions(
        &self,
        waiting: &[RegistrationId],
    ) -> Result<HashMap<RegistrationId, u64>, StoreError> {
        let backend = self.read.get_database_backend();
        let ahead = Query::select()
            .expr(Expr::col(Asterisk).count())
            .from_as(registration::Entity, "ahead")
            .and_where(Expr::col(("ahead", Column::WorkshopId)).equals((registration::Entity, Column::WorkshopId)))
            .and_where(Expr::col(("ahead", Column::Place)).lte(Expr::col((registration::Entity, Column::Place))))
            .to_owned();
        let statement = Query::select()
            .column(Column::Id)
            .expr_as(ahead, "position")
            .from(registration::Entity)
            .and_where(one_of(backend, Column::Id, waiting.iter().map(|id| id.uuid())))
            .and_where(Column::Place.is_not_null())
            .to_owned();
        let found = Position::find_by_statement(backend.build(&statement)).all(&self.read).await?;
        Ok(found.into_iter().map(|row| (RegistrationId::from_uuid(row.id), row.position.unsigned_abs())).collect())
    }
}
