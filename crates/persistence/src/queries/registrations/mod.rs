mod filter;
mod status_counts;

use std::collections::HashMap;

use domain::{GuestId, RegistrationId, RegistrationStatus, WorkshopId};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryTrait, Value,
    sea_query::{Asterisk, Expr, ExprTrait, Order, Query, WindowStatement},
};
use uuid::Uuid;

use crate::{
    EnumColumn, RegistrationRow, StoreError, View,
    entities::registration::{self, Column},
    pagination::page,
    row_policy::RowPolicy,
    rows::row_set::one_of,
};

pub use filter::{RegistrationFilter, RegistrationOrder, When};
pub use status_counts::StatusCounts;

#[derive(FromQueryResult)]
struct Position {
    id: Uuid,
    position: i64,
}

impl View {
    /// The visible registrations with these ids, in no particular order.
    pub async fn registrations(&self, ids: &[RegistrationId]) -> Result<Vec<RegistrationRow>, StoreError> {
        self.rows_by::<registration::Entity, _>(Column::Id, ids.iter().map(|id| id.uuid())).await
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
        let of_guest = self
            .visible(registration::Entity::find())
            .filter(Column::GuestId.eq(guest.uuid()))
            .filter(one_of(backend, Column::WorkshopId, workshops.iter().map(|id| id.uuid())));
        let statement = page::first_of_each(of_guest.into_query(), newest_first, 1);
        Ok(RegistrationRow::find_by_statement(backend.build(&statement)).all(&self.read).await?)
    }

    /// The position in its waitlist, from 1, of each waitlisted registration.
    pub async fn waitlist_positions(
        &self,
        waitlisted: &[RegistrationId],
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
            .and_where(one_of(backend, Column::Id, waitlisted.iter().map(|id| id.uuid())))
            .and_where(Column::WaitlistNumber.is_not_null())
            .cond_where(
                Condition::all().add_option(registration::Entity::visibility_condition(self.visibility(), backend)),
            )
            .to_owned();
        let rows = Position::find_by_statement(backend.build(&statement)).all(&self.read).await?;
        Ok(rows.into_iter().map(|row| (RegistrationId::from_uuid(row.id), row.position.unsigned_abs())).collect())
    }
}
