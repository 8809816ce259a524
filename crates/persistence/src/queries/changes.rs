use domain::{CenterId, ChangeKind, JournalEntryId, RegistrationId, WorkshopId};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, QueryFilter, Select,
    sea_query::{Expr, ExprTrait, Query},
};

use super::{
    list::{Filter, parent},
    period::Period,
};
use crate::{
    ChangeRow, Direction, Ordering, Page, Slice, Store, StoreError, Stored,
    entities::{
        journal::{self, Column},
        registration,
    },
    keyset::{List, OrderField, OrderedBy},
};

/// By what changes are ordered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ChangeOrder {
    /// As they came to light.
    Position,
    /// As they were written, which of one registration is the order in which they happened: its workshop was held.
    Sequence,
}

/// The order in which the journal is read.
pub const AS_COMMITTED: Ordering<ChangeOrder> = Ordering { by: ChangeOrder::Position, direction: Direction::Ascending };
/// The order in which a history is read.
pub const AS_WRITTEN: Ordering<ChangeOrder> = Ordering { by: ChangeOrder::Sequence, direction: Direction::Ascending };

impl OrderField for ChangeOrder {
    type Entity = journal::Entity;

    fn order(self) -> (OrderedBy<Column>, List) {
        match self {
            Self::Position => (OrderedBy::Number(Column::Position), List::Journal),
            Self::Sequence => (OrderedBy::Number(Column::Sequence), List::History),
        }
    }

    fn id() -> Column {
        Column::Id
    }
}

/// Which changes; every part that is given must hold.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct ChangeFilter {
    /// Of one of these kinds.
    pub kinds: Option<Vec<ChangeKind>>,
    /// At this workshop.
    pub workshop: Option<WorkshopId>,
    /// To this registration.
    pub registration: Option<RegistrationId>,
    /// To registrations at this center.
    pub center: Option<CenterId>,
    /// In this period.
    pub period: Option<Period>,
}

impl Filter for ChangeFilter {
    type Row = ChangeRow;
    type Entity = journal::Entity;

    async fn list(&self, store: &Store) -> Result<Select<journal::Entity>, StoreError> {
        let mut list = store.settled(journal::Entity::find());
        if let Some(kinds) = &self.kinds {
            list = list.filter(Column::Kind.is_in(kinds.iter().copied().map(Stored)));
        }
        let [workshop, registration] = [self.workshop.map(|id| id.uuid()), self.registration.map(|id| id.uuid())];
        list = list.filter(
            Condition::all()
                .add_option(workshop.map(|id| Column::WorkshopId.eq(id)))
                .add_option(registration.map(|id| Column::RegistrationId.eq(id)))
                .add_option(self.period.map(|period| period.holds(Column::At))),
        );
        if let Some(center) = self.center {
            let whose = Expr::col((journal::Entity, Column::RegistrationId));
            let there = Query::select()
                .expr(Expr::val(1))
                .from(registration::Entity)
                .and_where(whose.equals((registration::Entity, registration::Column::Id)))
                .and_where(registration::Column::CenterId.eq(center.uuid()))
                .to_owned();
            list = list.filter(Expr::exists(there));
        }
        Ok(list)
    }
}

/// All that happened to a registration.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct History;

impl Filter for History {
    type Row = ChangeRow;
    type Entity = journal::Entity;

    async fn list(&self, _: &Store) -> Result<Select<journal::Entity>, StoreError> {
        Ok(journal::Entity::find())
    }
}

parent!(RegistrationId of History by Column::RegistrationId);

impl Store {
    /// The changes with these ids, in no order.
    pub async fn changes(&self, ids: &[JournalEntryId]) -> Result<Vec<ChangeRow>, StoreError> {
        self.rows_by::<journal::Entity, _>(Column::Id, ids.iter().map(|id| id.uuid())).await
    }

    /// A page of the journal. Whoever goes on from its last cursor misses nothing.
    pub async fn list_changes(&self, filter: &ChangeFilter, page: &Page) -> Result<Slice<ChangeRow>, StoreError> {
        self.list(filter, AS_COMMITTED, page).await
    }

    /// Only what nothing can come before any more. On PostgreSQL an entry's position is the number of its transaction:
    /// those of transactions older than every running one are all there, in an order that stays. (By the numbers of the
    /// sequence they could not be read: a younger transaction may have a lower one and commit later.) SQLite has one writer.
    fn settled(&self, list: Select<journal::Entity>) -> Select<journal::Entity> {
        match self.read.get_database_backend() {
            DbBackend::Postgres => {
                list.filter(Expr::cust("journal.position < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"))
            }
            _ => list,
        }
    }
}
