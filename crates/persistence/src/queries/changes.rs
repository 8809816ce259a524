use domain::{CenterId, ChangeKind, GuestId, JournalEntryId, RegistrationId, WorkshopId, access::GuestVisibility};
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DbBackend, EntityTrait, QueryFilter, Select, sea_query::Expr,
};

use super::{
    list::{Filter, parent},
    period::InstantRange,
};
use crate::{
    ChangeRow, Cursor, Direction, EnumColumn, Ordering, Page, PageEnd, Slice, StoreError, View,
    entities::journal::{self, Column},
    pagination::{keyset::order_fields, page},
};

order_fields! {
    /// The fields that order changes.
    pub enum ChangeOrder for journal {
        /// The position, which follows the order in which changes become visible.
        Position: Number(Position) in Journal,
        /// The sequence, which follows the order of inserts. For one registration it is the order of events, because its
        /// workshop is locked.
        Sequence: Number(Sequence) in History,
    }
}

/// The order of the journal.
pub const AS_COMMITTED: Ordering<ChangeOrder> = Ordering { by: ChangeOrder::Position, direction: Direction::Ascending };
/// The order of a history.
pub const AS_WRITTEN: Ordering<ChangeOrder> = Ordering { by: ChangeOrder::Sequence, direction: Direction::Ascending };

/// A filter of changes. All given conditions must hold.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct ChangeFilter {
    /// One of these kinds.
    pub kinds: Option<Vec<ChangeKind>>,
    /// The workshop.
    pub workshop: Option<WorkshopId>,
    /// The registration.
    pub registration: Option<RegistrationId>,
    /// When the change was made.
    pub period: Option<InstantRange>,
}

/// The condition that an entry is final: no new entry can precede it. On PostgreSQL the position of an entry is the number
/// of its transaction. Entries of transactions older than every running one are complete and keep their order. (The
/// sequence is no alternative: a transaction can get a lower number and commit later.)
pub(crate) const IS_FINAL: &str = "journal.position < pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

impl ChangeFilter {
    /// Whether an entry in memory matches the filter.
    pub(crate) fn matches(&self, change: &ChangeRow) -> bool {
        let Self { kinds, workshop, registration, period } = self;
        kinds.as_ref().is_none_or(|kinds| kinds.contains(&change.kind.0))
            && workshop.is_none_or(|workshop| workshop.uuid() == change.workshop_id)
            && registration.is_none_or(|registration| Some(registration.uuid()) == change.registration_id)
            && period.is_none_or(|period| period.contains(change.at))
    }

    /// The final entries that match. On SQLite, with its single writer, every entry is final.
    fn final_entries(&self, backend: DbBackend) -> Select<journal::Entity> {
        let kinds = self.kinds.iter().map(|kinds| Column::Kind.is_in(kinds.iter().copied().map(EnumColumn)));
        let condition = Condition::all()
            .add_option((backend == DbBackend::Postgres).then(|| Expr::cust(IS_FINAL)))
            .add_option(self.workshop.map(|id| Column::WorkshopId.eq(id.uuid())))
            .add_option(self.registration.map(|id| Column::RegistrationId.eq(id.uuid())))
            .add_option(self.period.map(|period| period.contains_column(Column::At)));
        journal::Entity::find().filter(kinds.fold(condition, Condition::add))
    }
}

impl Filter for ChangeFilter {
    type Row = ChangeRow;
    type Entity = journal::Entity;

    async fn list(&self, view: &View) -> Result<Select<journal::Entity>, StoreError> {
        Ok(self.final_entries(view.backend()))
    }
}

/// The history of a registration, unfiltered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct History;

impl Filter for History {
    type Row = ChangeRow;
    type Entity = journal::Entity;

    async fn list(&self, _: &View) -> Result<Select<journal::Entity>, StoreError> {
        Ok(journal::Entity::find())
    }
}

parent!(RegistrationId of History by Column::RegistrationId);

impl View {
    /// The visible changes with these ids, in no particular order.
    pub async fn changes(&self, ids: &[JournalEntryId]) -> Result<Vec<ChangeRow>, StoreError> {
        self.rows_by::<journal::Entity, _>(Column::Id, ids.iter().map(|id| id.uuid())).await
    }

    /// A page of the journal. A client that continues from the last cursor misses no visible entry.
    pub async fn list_changes(&self, filter: &ChangeFilter, page: &Page) -> Result<Slice<ChangeRow>, StoreError> {
        self.list(filter, AS_COMMITTED, page).await
    }

    /// Whether the caller can see an entry in memory.
    pub(crate) fn can_see(&self, change: &ChangeRow) -> bool {
        match (self.visibility().registrations(), change.guest_id, change.center_id) {
            (GuestVisibility::All, ..) => true,
            (visibility, Some(guest), Some(center)) => {
                visibility.includes_registration(GuestId::from_uuid(guest), CenterId::from_uuid(center))
            }
            _ => false,
        }
    }
}

/// The last entry of the journal that is final.
pub(crate) async fn last_change(db: &DatabaseConnection) -> Result<Option<Cursor>, StoreError> {
    let last = Page { size: 1, end: PageEnd::Last, after: None, before: None };
    let list = ChangeFilter::default().final_entries(db.get_database_backend());
    let end = page::page(db, list, AS_COMMITTED, &last).await?;
    Ok(end.rows.into_iter().next().map(|(cursor, _)| cursor))
}
