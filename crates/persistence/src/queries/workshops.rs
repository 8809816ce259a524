use domain::{CenterId, ExternalId, RegistrationState, SearchText, Timestamp, WorkshopId, WorkshopStatus};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, QueryFilter, QuerySelect, RelationTrait, Select,
    sea_query::{Expr, ExprTrait, Query},
};

use super::{
    list::{Filter, parent},
    matching_text,
    period::{DateRange, InstantRange},
    workshop_state::{began_lately, has_state, has_status},
};
use crate::{
    StoreError, View, WorkshopRow,
    entities::{workshop, workshop_center},
    pagination::keyset::{List, OrderField, OrderedBy},
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
            Self::Title => (OrderedBy::Text(workshop::Column::SortKey), List::WorkshopsByTitle),
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
    /// Whose title or description says this.
    pub text: SearchText,
    /// In one of these states.
    pub statuses: Option<Vec<WorkshopStatus>>,
    /// At which a guest can do one of these things.
    pub states: Option<Vec<RegistrationState>>,
    /// With at least so many seats that nobody holds.
    pub seats: Option<i32>,
    /// With a session that goes on in this period.
    pub period: Option<InstantRange>,
    /// With a session that goes on on one of these days, where it takes place.
    pub dates: Option<DateRange>,
    /// Run by this center.
    pub center: Option<CenterId>,
    /// EditContext to another system by this id.
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
            list = list.filter(any(statuses, now, has_status));
        }
        if let Some(states) = &self.states {
            list = list.filter(any(states, now, has_state));
        }
        if self.is_of_those_that_go_on() && view.backend() == DbBackend::Postgres {
            list = list.filter(began_lately(now));
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
            let theirs = Query::select()
                .column(workshop_center::Column::WorkshopId)
                .from(workshop_center::Entity)
                .and_where(workshop_center::Column::CenterId.eq(center.uuid()))
                .to_owned();
            list = list.filter(Id.in_subquery(theirs));
        }
        if let Some(id) = &self.external_id {
            list = list.filter(ExternalId.eq(id.as_str()));
        }
        Ok(list)
    }
}

impl WorkshopFilter {
    /// Whether it leaves out all that are over.
    fn is_of_those_that_go_on(&self) -> bool {
        use RegistrationState::{Full, Open, WaitlistOnly};
        let published = |statuses: &Vec<_>| statuses.iter().all(|status| *status == WorkshopStatus::Published);
        let going_on = |states: &Vec<_>| states.iter().all(|state| matches!(state, Open | WaitlistOnly | Full));
        self.statuses.as_ref().is_some_and(published) || self.states.as_ref().is_some_and(going_on)
    }
}

/// One of these; of none, no workshop.
fn any<T: Copy>(these: &[T], now: Timestamp, has: fn(T, Timestamp) -> Condition) -> Condition {
    match these {
        [] => Condition::all().add(Expr::val(false)),
        [only] => has(*only, now),
        several => several.iter().fold(Condition::any(), |any, each| any.add(has(*each, now))),
    }
}

parent!(CenterId of WorkshopFilter by workshop_center::Column::CenterId,
    joined by workshop_center::Relation::Workshop.def().rev());

impl View {
    /// The workshops with these ids, in no order.
    pub async fn workshops(&self, ids: &[WorkshopId]) -> Result<Vec<WorkshopRow>, StoreError> {
        self.rows_by::<workshop::Entity, _>(workshop::Column::Id, ids.iter().map(|id| id.uuid())).await
    }

    /// The workshops that another system knows by these ids, in no order.
    pub async fn workshops_by_external_ids(&self, ids: &[ExternalId]) -> Result<Vec<WorkshopRow>, StoreError> {
        self.rows_by::<workshop::Entity, _>(workshop::Column::ExternalId, ids.iter().map(|id| id.as_str().to_owned()))
            .await
    }
}
