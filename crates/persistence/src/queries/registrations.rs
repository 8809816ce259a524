use std::collections::HashMap;

use domain::{CenterId, GuestId, RegistrationId, RegistrationStatus, SessionId, TrackId, WorkshopId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryTrait, Select, Value,
    sea_query::{Asterisk, Expr, ExprTrait, Order, Query, WindowStatement},
};
use uuid::Uuid;

use super::{
    list::{Filter, Parent, parent},
    period::InstantRange,
    workshop_state::{goes_on, has_ended},
};
use crate::{
    EnumColumn, RegistrationRow, StoreError, View,
    entities::{
        registration::{self, Column},
        session, track, workshop,
    },
    pagination::{
        keyset::{List, OrderField, OrderedBy},
        page,
    },
    rows::row_set::one_of,
    view::Guarded,
};

/// By what registrations can be ordered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RegistrationOrder {
    /// When the guest registered.
    RegisteredAt,
    /// The place in line; who does not wait has none.
    WaitlistPosition,
}

impl OrderField for RegistrationOrder {
    type Entity = registration::Entity;

    fn order(self) -> (OrderedBy<Column>, List) {
        match self {
            Self::RegisteredAt => (OrderedBy::Instant(Column::RegisteredAt), List::RegistrationsByTime),
            Self::WaitlistPosition => (OrderedBy::Number(Column::WaitlistNumber), List::RegistrationsByWaitlistNumber),
        }
    }

    fn id() -> Column {
        Column::Id
    }
}

/// Whether a workshop is over.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum When {
    /// It has not ended, or has no sessions yet.
    Upcoming,
    /// Its last session has ended.
    Past,
}

/// Which registrations; every part that is given must hold.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct RegistrationFilter {
    /// In one of these states.
    pub statuses: Option<Vec<RegistrationStatus>>,
    /// To this workshop.
    pub workshop: Option<WorkshopId>,
    /// To this track.
    pub track: Option<TrackId>,
    /// To the track that has this session.
    pub session: Option<SessionId>,
    /// At this center.
    pub center: Option<CenterId>,
    /// Of this guest.
    pub guest: Option<GuestId>,
    /// Made in this period.
    pub registered: Option<InstantRange>,
    /// To a workshop that is over, or is not.
    pub when: Option<When>,
}

impl Filter for RegistrationFilter {
    type Row = RegistrationRow;
    type Entity = registration::Entity;

    async fn list(&self, view: &View) -> Result<Select<registration::Entity>, StoreError> {
        let mut list = registration::Entity::find();
        if let Some(statuses) = &self.statuses {
            list = list.filter(Column::Status.is_in(statuses.iter().copied().map(EnumColumn)));
            if statuses == &[RegistrationStatus::Waitlisted] {
                // The same thing once more, as the index of the line says it.
                list = list.filter(Column::WaitlistNumber.is_not_null());
            }
        }
        if let Some(track) = self.track {
            // A track's registrations are among those of its workshop, which an index has in order.
            let its_workshop = Query::select()
                .column(track::Column::WorkshopId)
                .from(track::Entity)
                .and_where(track::Column::Id.eq(track.number()))
                .to_owned();
            list = list
                .filter(Column::TrackId.eq(track.number()))
                .filter(Expr::col(Column::WorkshopId.as_column_ref()).eq(its_workshop));
        }
        if let Some(session) = self.session {
            let its = |column: session::Column| {
                Query::select()
                    .column(column)
                    .from(session::Entity)
                    .and_where(session::Column::Id.eq(session.uuid()))
                    .to_owned()
            };
            list = list
                .filter(Expr::col(Column::TrackId.as_column_ref()).eq(its(session::Column::TrackId)))
                .filter(Expr::col(Column::WorkshopId.as_column_ref()).eq(its(session::Column::WorkshopId)));
        }
        for (column, id) in [
            (Column::WorkshopId, self.workshop.map(|id| id.uuid())),
            (Column::CenterId, self.center.map(|id| id.uuid())),
            (Column::GuestId, self.guest.map(|id| id.uuid())),
        ] {
            list = list.filter(sea_orm::Condition::all().add_option(id.map(|id| column.eq(id))));
        }
        if let Some(period) = self.registered {
            list = list.filter(period.holds(Column::RegisteredAt));
        }
        if let Some(when) = self.when {
            let now = view.clock.now();
            let then = match when {
                When::Upcoming => goes_on(now),
                When::Past => has_ended(now),
            };
            let its_workshop = Expr::col((registration::Entity, Column::WorkshopId));
            let workshop = Query::select()
                .expr(Expr::val(1))
                .from(workshop::Entity)
                .and_where(its_workshop.equals((workshop::Entity, workshop::Column::Id)))
                .and_where(then)
                .to_owned();
            list = list.filter(Expr::exists(workshop));
        }
        Ok(list)
    }
}

parent!(WorkshopId of RegistrationFilter by Column::WorkshopId);
parent!(GuestId of RegistrationFilter by Column::GuestId);

/// How many registrations are in each state; one in which there are none is not there.
pub type StatusCounts = Vec<(RegistrationStatus, u64)>;

#[derive(FromQueryResult)]
struct StatusCount {
    parent: Option<Uuid>,
    status: EnumColumn<RegistrationStatus>,
    number: i64,
}

#[derive(FromQueryResult)]
struct Position {
    id: Uuid,
    position: i64,
}

impl View {
    /// The registrations with these ids, in no order.
    pub async fn registrations(&self, ids: &[RegistrationId]) -> Result<Vec<RegistrationRow>, StoreError> {
        self.rows_by::<registration::Entity, _>(Column::Id, ids.iter().map(|id| id.uuid())).await
    }

    /// How many registrations of a list are in each state.
    pub async fn status_counts(&self, filter: &RegistrationFilter) -> Result<StatusCounts, StoreError> {
        let counts = self.count_statuses(self.seen(filter.list(self).await?), None).await?;
        Ok(counts.into_values().next().unwrap_or_default())
    }

    /// How many registrations of each parent's list are in each state. One without any is not in the answer.
    pub async fn status_counts_of<P: Parent<RegistrationFilter>>(
        &self,
        parents: &[P],
        filter: &RegistrationFilter,
    ) -> Result<HashMap<P, StatusCounts>, StoreError> {
        let ids = parents.iter().map(|id| id.to_uuid());
        let theirs = one_of(self.backend(), P::column(), ids);
        let list = self.seen(filter.list(self).await?).filter(theirs);
        let counts = self.count_statuses(list, Some(Expr::col(P::column()))).await?;
        Ok(counts.into_iter().filter_map(|(id, counts)| Some((P::of_uuid(id?), counts))).collect())
    }

    /// The registration of a guest to each workshop: the live one, else the latest.
    pub async fn registrations_of_guest_to(
        &self,
        guest: GuestId,
        workshops: &[WorkshopId],
    ) -> Result<Vec<RegistrationRow>, StoreError> {
        let backend = self.backend();
        let live = RegistrationStatus::LIVE.map(|status| Value::from(EnumColumn(status)));
        let mut newest_first = WindowStatement::partition_by(Column::WorkshopId);
        newest_first
            .order_by_expr(Expr::case(Column::Status.is_in(live), 0).finally(1).into(), Order::Asc)
            .order_by(Column::RegisteredAt, Order::Desc)
            .order_by(Column::Id, Order::Desc);
        let theirs = self.seen(registration::Entity::find()).filter(Column::GuestId.eq(guest.uuid())).filter(one_of(
            backend,
            Column::WorkshopId,
            workshops.iter().map(|id| id.uuid()),
        ));
        let statement = page::first_of_each(theirs, newest_first, 1);
        Ok(RegistrationRow::find_by_statement(backend.build(&statement)).all(&self.read).await?)
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

    /// The rank in its line, from 1, of each registration that waits.
    pub async fn waitlist_positions(
        &self,
        waiting: &[RegistrationId],
    ) -> Result<HashMap<RegistrationId, u64>, StoreError> {
        let backend = self.backend();
        let ahead = Query::select()
            .expr(Expr::col(Asterisk).count())
            .from_as(registration::Entity, "ahead")
            .and_where(Expr::col(("ahead", Column::WorkshopId)).equals((registration::Entity, Column::WorkshopId)))
            .and_where(
                Expr::col(("ahead", Column::WaitlistNumber))
                    .lte(Expr::col((registration::Entity, Column::WaitlistNumber))),
            )
            .to_owned();
        let statement = Query::select()
            .column(Column::Id)
            .expr_as(ahead, "position")
            .from(registration::Entity)
            .and_where(one_of(backend, Column::Id, waiting.iter().map(|id| id.uuid())))
            .and_where(Column::WaitlistNumber.is_not_null())
            .cond_where(sea_orm::Condition::all().add_option(registration::Entity::seen(self.visibility(), backend)))
            .to_owned();
        let found = Position::find_by_statement(backend.build(&statement)).all(&self.read).await?;
        Ok(found.into_iter().map(|row| (RegistrationId::from_uuid(row.id), row.position.unsigned_abs())).collect())
    }
}
