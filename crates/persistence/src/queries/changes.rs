use std::collections::HashMap;

use domain::{ChangeKind, JournalEntryId, RegistrationId, WorkshopId};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, Select, sea_query::Expr,
};

use crate::{
    ChangeRow, Direction, Ordering, Page, Slice, Store, StoreError, Stored,
    entities::journal::{self, Column},
    keyset::{List, OrderField, OrderedBy},
    page,
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
}

/// Whether an entry is where it stays: nothing can come before it any more. On PostgreSQL an entry's position is the
/// number of its transaction: those of transactions older than every running one are all there, in an order that stays.
/// (By the numbers of the sequence they could not be read: a younger transaction may have a lower one and commit later.)
pub(crate) const IS_SETTLED: &str = "journal.position < pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

impl ChangeFilter {
    /// The same in memory, for what was read already.
    pub(crate) fn admits(&self, change: &ChangeRow) -> bool {
        let Self { kinds, workshop } = self;
        kinds.as_ref().is_none_or(|kinds| kinds.contains(&change.kind.0))
            && workshop.is_none_or(|workshop| workshop.uuid() == change.workshop_id)
    }

    fn list(&self) -> Select<journal::Entity> {
        let mut list = journal::Entity::find();
        if let Some(kinds) = &self.kinds {
            list = list.filter(Column::Kind.is_in(kinds.iter().copied().map(Stored)));
        }
        if let Some(workshop) = self.workshop {
            list = list.filter(Column::WorkshopId.eq(workshop.uuid()));
        }
        list
    }
}

impl Store {
    /// The changes with these ids, in no order.
    pub async fn changes(&self, ids: &[JournalEntryId]) -> Result<Vec<ChangeRow>, StoreError> {
        self.rows_by::<journal::Entity, _>(Column::Id, ids.iter().map(|id| id.uuid())).await
    }

    /// A page of the journal. Whoever goes on from its last cursor misses nothing.
    pub async fn list_changes(&self, filter: &ChangeFilter, page: &Page) -> Result<Slice<ChangeRow>, StoreError> {
        list_changes(&self.read, filter, page).await
    }

    /// How many changes there are.
    pub async fn count_changes(&self, filter: &ChangeFilter) -> Result<u64, StoreError> {
        Ok(settled(&self.read, filter.list()).count(&self.read).await?)
    }

    /// A page of what happened to each registration.
    pub async fn list_histories(
        &self,
        registrations: &[RegistrationId],
        page: &Page,
    ) -> Result<HashMap<RegistrationId, Slice<ChangeRow>>, StoreError> {
        let parent = (journal::Entity, Column::RegistrationId);
        let ids = registrations.iter().map(|id| id.uuid());
        let pages = page::pages(&self.read, journal::Entity::find(), parent, ids, AS_WRITTEN, page).await?;
        Ok(pages.into_iter().map(|(id, page)| (RegistrationId::from_uuid(id), page)).collect())
    }

    /// How many things happened to each registration.
    pub async fn count_histories(
        &self,
        registrations: &[RegistrationId],
    ) -> Result<HashMap<RegistrationId, u64>, StoreError> {
        let parent = (journal::Entity, Column::RegistrationId);
        let ids = registrations.iter().map(|id| id.uuid());
        let counts = page::counts(&self.read, journal::Entity::find(), parent, ids).await?;
        Ok(counts.into_iter().map(|(id, count)| (RegistrationId::from_uuid(id), count)).collect())
    }
}

pub(crate) async fn list_changes(
    db: &DatabaseConnection,
    filter: &ChangeFilter,
    page: &Page,
) -> Result<Slice<ChangeRow>, StoreError> {
    page::page(db, settled(db, filter.list()), AS_COMMITTED, page).await
}

/// Only what is settled. SQLite has one writer: there everything is.
fn settled(db: &DatabaseConnection, list: Select<journal::Entity>) -> Select<journal::Entity> {
    match db.get_database_backend() {
        DbBackend::Postgres => list.filter(Expr::cust(IS_SETTLED)),
        _ => list,
    }
}
