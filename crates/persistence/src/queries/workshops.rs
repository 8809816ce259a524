use domain::{CenterId, ExternalId, RegistrationState, SearchText, Timestamp, WorkshopId, WorkshopStatus};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, QueryFilter, QuerySelect, RelationTrait, Select,
    sea_query::{Expr, ExprTrait, Query},
};

use super::{
    list::{Filter, parent},
    period::{DateRange, InstantRange},
    workshop_state::{has_state, has_status, started_recently},
};
use crate::{
    StoreError, View, WorkshopRow,
    entities::{workshop, workshop_center},
    pagination::keyset::order_fields,
    search::matching_text,
};

order_fields! {
    /// The fields that order workshops.
    pub enum WorkshopOrder for workshop {
        /// The start of the first session. Workshops without sessions have none.
        StartsAt: Instant(StartsAt) in WorkshopsByStart,
        /// The title.
        Title: Text(SortKey) in WorkshopsByTitle,
        /// When the workshop was created.
        CreatedAt: Id in WorkshopsByCreation,
    }
}

/// A filter of workshops. All given conditions must hold.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct WorkshopFilter {
    /// The words of title and description.
    pub text: SearchText,
    /// One of these statuses.
    pub statuses: Option<Vec<WorkshopStatus>>,
    /// One of these states of registration.
    pub states: Option<Vec<RegistrationState>>,
    /// The least number of available seats.
    pub seats: Option<i32>,
    /// A range that a session overlaps.
    pub period: Option<InstantRange>,
    /// Dates on which a session takes place, in the time zone of its center.
    pub dates: Option<DateRange>,
    /// A center that runs the workshop.
    pub center: Option<CenterId>,
    /// The id in another system.
    pub external_id: Option<ExternalId>,
}

impl Filter for WorkshopFilter {
    type Row = WorkshopRow;
    type Entity = workshop::Entity;

    async fn list(&self, view: &View) -> Result<Select<workshop::Entity>, StoreError> {
        use workshop::Column::{Capacity, ExternalId, Id, SeatsTaken};
        let now = view.clock.now();
        let mut list = matching_text::<workshop::Model>(workshop::Entity::find(), &self.text);
        if let Some(statuses) = &self.statuses {
            list = list.filter(any_of(statuses, now, has_status));
        }
        if let Some(states) = &self.states {
            list = list.filter(any_of(states, now, has_state));
        }
        if self.excludes_ended() && view.backend() == DbBackend::Postgres {
            list = list.filter(started_recently(now));
        }
        if let Some(seats) = self.seats {
            let available = Expr::col(Capacity.as_column_ref()).sub(Expr::col(SeatsTaken.as_column_ref()));
            list = list.filter(Capacity.is_null().or(available.gte(seats)));
        }
        if let Some(period) = self.period {
            list = list.filter(Id.in_subquery(period.workshops()));
        }
        if let Some(dates) = self.dates {
            list = list.filter(Id.in_subquery(dates.workshops(view).await?));
        }
        if let Some(center) = self.center {
            let run_by_center = Query::select()
                .column(workshop_center::Column::WorkshopId)
                .from(workshop_center::Entity)
                .and_where(workshop_center::Column::CenterId.eq(center.uuid()))
                .to_owned();
            list = list.filter(Id.in_subquery(run_by_center));
        }
        if let Some(id) = &self.external_id {
            list = list.filter(ExternalId.eq(id.as_str()));
        }
        Ok(list)
    }
}

impl WorkshopFilter {
    /// Whether the filter excludes all workshops that are over.
    fn excludes_ended(&self) -> bool {
        use RegistrationState::{Full, Open, WaitlistOnly};
        let published = |statuses: &Vec<_>| statuses.iter().all(|status| *status == WorkshopStatus::Published);
        let not_ended = |states: &Vec<_>| states.iter().all(|state| matches!(state, Open | WaitlistOnly | Full));
        self.statuses.as_ref().is_some_and(published) || self.states.as_ref().is_some_and(not_ended)
    }
}

/// The condition that a workshop is in one of these states. Without states no workshop matches.
fn any_of<T: Copy>(states: &[T], now: Timestamp, condition: fn(T, Timestamp) -> Condition) -> Condition {
    match states {
        [] => Condition::all().add(Expr::val(false)),
        [only] => condition(*only, now),
        several => several.iter().fold(Condition::any(), |any, state| any.add(condition(*state, now))),
    }
}

parent!(CenterId of WorkshopFilter by workshop_center::Column::CenterId,
    joined by workshop_center::Relation::Workshop.def().rev());

impl View {
    /// The visible workshops with these ids, in no particular order.
    pub async fn workshops(&self, ids: &[WorkshopId]) -> Result<Vec<WorkshopRow>, StoreError> {
        self.rows_by::<workshop::Entity, _>(workshop::Column::Id, ids.iter().map(|id| id.uuid())).await
    }

    /// Whether the caller sees this workshop, whichever centers run it. `false`: a query has to decide.
    pub(crate) fn always_sees(&self, workshop: &WorkshopRow) -> bool {
        workshop.published_at.is_some() || self.visibility().drafts().centers().is_none()
    }

    /// The visible workshops with these external ids, in no particular order.
    pub async fn workshops_by_external_ids(&self, ids: &[ExternalId]) -> Result<Vec<WorkshopRow>, StoreError> {
        self.rows_by::<workshop::Entity, _>(workshop::Column::ExternalId, ids.iter().map(|id| id.as_str().to_owned()))
            .await
    }
}
