//! The scopes and periods of statistics: how a sum is restricted to workshops, centers and days.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::{CenterId, ClockOffset, Period, TimeZone, WorkshopId};
use sea_orm::{
    DbBackend, EntityTrait, QueryResult,
    sea_query::{Asterisk, Expr, ExprTrait, JoinType, Query, SelectStatement},
};

use crate::{StoreError, View, entities::center, rows::row_set::one_of};

/// The scope of a sum: everything, or only a workshop, only a center, or both.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct StatisticsScope {
    /// Only this workshop.
    pub workshop: Option<WorkshopId>,
    /// Only this center.
    pub center: Option<CenterId>,
}

/// Scopes with the same parts, which fit into one statement; and the columns of those parts.
pub(super) struct Group<W, C> {
    scopes: Vec<StatisticsScope>,
    workshop: W,
    center: C,
    pub(super) of_workshops: bool,
    pub(super) of_centers: bool,
}

const WORKSHOP: &str = "scope_workshop";
const CENTER: &str = "scope_center";
const OFFSETS: &str = "offsets";

/// A column, with its table.
pub(super) type TableColumn<E> = (E, <E as EntityTrait>::Column);

pub(super) fn groups<E: EntityTrait, F: EntityTrait>(
    scopes: &[StatisticsScope],
    workshop: TableColumn<E>,
    center: TableColumn<F>,
) -> Vec<Group<TableColumn<E>, TableColumn<F>>> {
    let mut groups: HashMap<(bool, bool), Vec<StatisticsScope>> = HashMap::new();
    for scope in scopes {
        groups.entry((scope.workshop.is_some(), scope.center.is_some())).or_default().push(*scope);
    }
    let groups = groups.into_iter();
    groups
        .map(|((of_workshops, of_centers), scopes)| Group { scopes, workshop, center, of_workshops, of_centers })
        .collect()
}

impl<E: EntityTrait, F: EntityTrait> Group<TableColumn<E>, TableColumn<F>> {
    /// Restricts a statement to the scopes, and groups its sums by them.
    pub(super) fn restrict(&self, statement: &mut SelectStatement, backend: DbBackend) {
        if self.of_workshops {
            let ids = self.scopes.iter().filter_map(|scope| scope.workshop).map(|id| id.uuid());
            let column = Expr::col(self.workshop);
            statement.and_where(one_of(backend, self.workshop, ids)).expr_as(column.clone(), WORKSHOP);
            statement.add_group_by([column]);
        }
        if self.of_centers {
            let ids = self.scopes.iter().filter_map(|scope| scope.center).map(|id| id.uuid());
            let column = Expr::col(self.center);
            statement.and_where(one_of(backend, self.center, ids)).expr_as(column.clone(), CENTER);
            statement.add_group_by([column]);
        }
    }

    /// The scope of a row.
    pub(super) fn scope_of(&self, row: &QueryResult) -> Result<StatisticsScope, StoreError> {
        let id = |given: bool, name: &str| given.then(|| row.try_get("", name)).transpose();
        Ok(StatisticsScope {
            workshop: id(self.of_workshops, WORKSHOP)?.map(WorkshopId::from_uuid),
            center: id(self.of_centers, CENTER)?.map(CenterId::from_uuid),
        })
    }
}

/// A period in the time zones of all centers.
pub(super) struct Calendar {
    period: Period,
    offsets: Vec<(String, ClockOffset)>,
}

impl View {
    /// The offsets from UTC of all centers in a period. They are not computed in SQL, because SQLite knows no time zones.
    pub(super) async fn calendar(&self, period: Period) -> Result<Calendar, StoreError> {
        let mut zones = self.time_zones().await?;
        if zones.is_empty() {
            // `VALUES` needs at least one row.
            zones.extend(TimeZone::parse("UTC").map(|zone| ("UTC".to_owned(), zone)));
        }
        let mut offsets = Vec::new();
        for (name, zone) in zones {
            offsets.extend(period.clock_offsets(zone).into_iter().map(|offset| (name.clone(), offset)));
        }
        Ok(Calendar { period, offsets })
    }
}

impl Calendar {
    /// Restricts a statement to rows whose instant is on a day of the period, in the time zone of their center.
    pub(super) fn restrict<E: EntityTrait>(
        &self,
        statement: &mut SelectStatement,
        instant: TableColumn<E>,
        center: TableColumn<impl EntityTrait>,
    ) {
        let same_center = Expr::col((center::Entity, center::Column::Id)).equals(center);
        statement.join(JoinType::InnerJoin, center::Entity, same_center);
        let offsets = self.offsets.iter();
        let rows = offsets.map(|(zone, offset)| (zone.as_str(), offset.from, offset.until, i64::from(offset.seconds)));
        let mut values = Query::select();
        values.column(Asterisk).from_values(rows, "known");
        let offset = |column: &'static str| Expr::col((OFFSETS, column));
        let applies = offset("column1")
            .eq(Expr::col((center::Entity, center::Column::TimeZone)))
            .and(Expr::col(instant).gte(offset("column2")))
            .and(Expr::col(instant).lt(offset("column3")));
        statement.join_subquery(JoinType::InnerJoin, values, OFFSETS, applies);
        // Redundant, but an index can use it; the offsets are exact.
        let (from, until) = self.period.utc_bounds();
        statement.and_where(Expr::col(instant).gte(from)).and_where(Expr::col(instant).lt(until));
    }
}

/// The number of the day of an instant, with the offset that [`Calendar::restrict`] joined.
pub(super) fn day<E: EntityTrait>(backend: DbBackend, instant: TableColumn<E>) -> Expr {
    let sql = match backend {
        DbBackend::Postgres => "CAST(FLOOR((EXTRACT(EPOCH FROM $1) + offsets.column4) / 86400) AS BIGINT)",
        // Truncated to the second, because SQLite would round.
        _ => "(CAST(strftime('%s', substr(?, 1, 19)) AS INTEGER) + offsets.column4) / 86400",
    };
    Expr::cust_with_expr(sql, Expr::col(instant))
}

/// The day with this number.
pub(super) fn day_of(number: i64) -> Result<NaiveDate, StoreError> {
    let days = i32::try_from(number).ok().and_then(NaiveDate::from_epoch_days);
    days.ok_or_else(|| StoreError::corrupt("the number of a day", number.to_string()))
}
