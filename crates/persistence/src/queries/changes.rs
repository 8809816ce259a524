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
    pagination::{
        keyset::{List, OrderField, OrderedBy},
        page,
    },
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
    /// In this period.
    pub period: Option<InstantRange>,
}

/// Whether an entry is where it stays: nothing can come before it any more. On PostgreSQL an entry's position is the
/// number of its transaction: those of transactions older than every running one are all there, in an order that stays.
/// (By the numbers of the sequence they could not be read: a younger transaction may have a lower one and commit later.)
pub(crate) const IS_FINAL: &str = "journal.position < pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

impl ChangeFilter {
    /// The same in memory, for what was read already.
    pub(crate) fn admits(&self, change: &ChangeRow) -> bool {
        let Self { kinds, workshop, registration, period } = self;
        kinds.as_ref().is_none_or(|kinds| kinds.contains(&change.kind.0))
            && workshop.is_none_or(|workshop| workshop.uuid() == change.workshop_id)
            && registration.is_none_or(|registration| Some(registration.uuid()) == change.registration_id)
            && period.is_none_or(|period| period.has(change.at))
    }

    /// The journal as far as it is settled. SQLite has one writer: there everything is.
    fn settled(&self, backend: DbBackend) -> Select<journal::Entity> {
        let kinds = self.kinds.iter().map(|kinds| Column::Kind.is_in(kinds.iter().copied().map(EnumColumn)));
        let which = Condition::all()
            .add_option((backend == DbBackend::Postgres).then(|| Expr::cust(IS_FINAL)))
            .add_option(self.workshop.map(|id| Column::WorkshopId.eq(id.uuid())))
            .add_option(self.registration.map(|id| Column::RegistrationId.eq(id.uuid())))
            .add_option(self.period.map(|period| period.holds(Column::At)));
        journal::Entity::find().filter(kinds.fold(which, Condition::add))
    }
}

impl Filter for ChangeFilter {
    type Row = ChangeRow;
    type Entity = journal::Entity;

    async fn list(&self, view: &View) -> Result<Select<journal::Entity>, StoreError> {
        Ok(self.settled(view.backend()))
    }
}

/// All that happened to a registration.
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
    /// The changes with these ids, in no order.
    pub async fn changes(&self, ids: &[JournalEntryId]) -> Result<Vec<ChangeRow>, StoreError> {
        self.rows_by::<journal::Entity, _>(Column::Id, ids.iter().map(|id| id.uuid())).await
    }

    /// A page of the journal. Whoever goes on from its last cursor misses nothing that they see.
    pub async fn list_changes(&self, filter: &ChangeFilter, page: &Page) -> Result<Slice<ChangeRow>, StoreError> {
        self.list(filter, AS_COMMITTED, page).await
    }

    /// Whether an entry that was read already is seen.
    pub(crate) fn sees(&self, change: &ChangeRow) -> bool {
        match (self.visibility().registrations(), change.guest_id, change.center_id) {
            (GuestVisibility::All, ..) => true,
            (people, Some(guest), Some(center)) => {
                people.includes_registration(GuestId::from_uuid(guest), CenterId::from_uuid(center))
            }
            _ => false,
        }
    }
}

/// The end of the journal as the feed reads it, for all who follow.
pub(crate) async fn last_change(db: &DatabaseConnection) -> Result<Option<Cursor>, StoreError> {
    let last = Page { size: 1, end: PageEnd::Last, after: None, before: None };
    let list = ChangeFilter::default().settled(db.get_database_backend());
    let end = page::page(db, list, AS_COMMITTED, &last).await?;
    Ok(end.rows.into_iter().next().map(|(cursor, _)| cursor))
}
