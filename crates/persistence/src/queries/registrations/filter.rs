use domain::{CenterId, GuestId, RegistrationStatus, SessionId, TrackId, WorkshopId};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, Select,
    sea_query::{Expr, ExprTrait, Query},
};

use super::super::{
    list::{Filter, parent},
    period::InstantRange,
    workshop_state::{has_ended, has_not_ended},
};
use crate::{
    EnumColumn, RegistrationRow, StoreError, View,
    entities::{
        registration::{self, Column},
        session, track, workshop,
    },
    pagination::keyset::order_fields,
};

order_fields! {
    /// The fields that order registrations.
    pub enum RegistrationOrder for registration {
        /// When the guest registered.
        RegisteredAt: Instant(RegisteredAt) in RegistrationsByTime,
        /// The position in the waitlist. Registrations that are not waitlisted have none.
        WaitlistPosition: Number(WaitlistNumber) in RegistrationsByWaitlistNumber,
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

/// A filter of registrations. All given conditions must hold.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct RegistrationFilter {
    /// One of these statuses.
    pub statuses: Option<Vec<RegistrationStatus>>,
    /// The workshop.
    pub workshop: Option<WorkshopId>,
    /// The track.
    pub track: Option<TrackId>,
    /// A session of the track.
    pub session: Option<SessionId>,
    /// The center.
    pub center: Option<CenterId>,
    /// The guest.
    pub guest: Option<GuestId>,
    /// When the guest registered.
    pub registered: Option<InstantRange>,
    /// Whether the workshop is over.
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
                // Redundant, but it is the condition of the waitlist's partial index.
                list = list.filter(Column::WaitlistNumber.is_not_null());
            }
        }
        if let Some(track) = self.track {
            // A track's registrations belong to its workshop, for which an ordered index exists.
            let workshop_of_track = Query::select()
                .column(track::Column::WorkshopId)
                .from(track::Entity)
                .and_where(track::Column::Id.eq(track.number()))
                .to_owned();
            list = list
                .filter(Column::TrackId.eq(track.number()))
                .filter(Expr::col(Column::WorkshopId.as_column_ref()).eq(workshop_of_track));
        }
        if let Some(session) = self.session {
            let of_session = |column: session::Column| {
                Query::select()
                    .column(column)
                    .from(session::Entity)
                    .and_where(session::Column::Id.eq(session.uuid()))
                    .to_owned()
            };
            list = list
                .filter(Expr::col(Column::TrackId.as_column_ref()).eq(of_session(session::Column::TrackId)))
                .filter(Expr::col(Column::WorkshopId.as_column_ref()).eq(of_session(session::Column::WorkshopId)));
        }
        for (column, id) in [
            (Column::WorkshopId, self.workshop.map(|id| id.uuid())),
            (Column::CenterId, self.center.map(|id| id.uuid())),
            (Column::GuestId, self.guest.map(|id| id.uuid())),
        ] {
            list = list.filter(sea_orm::Condition::all().add_option(id.map(|id| column.eq(id))));
        }
        if let Some(period) = self.registered {
            list = list.filter(period.contains_column(Column::RegisteredAt));
        }
        if let Some(when) = self.when {
            let now = view.clock.now();
            let condition = match when {
                When::Upcoming => has_not_ended(now),
                When::Past => has_ended(now),
            };
            let workshop_id = Expr::col((registration::Entity, Column::WorkshopId));
            let workshop = Query::select()
                .expr(Expr::val(1))
                .from(workshop::Entity)
                .and_where(workshop_id.equals((workshop::Entity, workshop::Column::Id)))
                .and_where(condition)
                .to_owned();
            list = list.filter(Expr::exists(workshop));
        }
        Ok(list)
    }
}

parent!(WorkshopId of RegistrationFilter by Column::WorkshopId);
parent!(GuestId of RegistrationFilter by Column::GuestId);
