//! Queries, one file per subject. The lists of several parents are loaded in one statement.

mod api_keys;
mod centers;
mod changes;
mod guests;
mod list;
mod period;
mod registrations;
mod statistics;
mod tracks;
mod workshop_state;
mod workshops;

use sea_orm::{ConnectionTrait, QueryFilter, QuerySelect, QueryTrait, Select, Value};

pub use api_keys::NEWEST_FIRST;
pub use centers::{CenterFilter, CenterOrder};
pub use changes::{AS_COMMITTED, AS_WRITTEN, ChangeFilter, ChangeOrder, History};
pub(crate) use changes::{IS_FINAL, last_change};
pub use guests::{GuestFilter, GuestOrder};
pub use list::{Filter, Parent};
pub use period::{DateRange, InstantRange};
pub use registrations::{RegistrationFilter, RegistrationOrder, StatusCounts, When};
pub use statistics::{RegistrationTotals, SeatTotals, StatisticsScope};
pub use workshops::{WorkshopFilter, WorkshopOrder};

use crate::{
    StoreError, View,
    row_policy::RowPolicy,
    rows::{row_decoding::DecodeRow, row_set::one_of},
};

impl View {
    /// The visible rows in which a column has one of these values.
    async fn rows_by<E, T>(
        &self,
        column: E::Column,
        values: impl IntoIterator<Item = T>,
    ) -> Result<Vec<E::Model>, StoreError>
    where
        E: RowPolicy,
        T: Clone + Into<Value>,
        Vec<T>: Into<Value>,
    {
        self.some_rows_by(E::find(), column, values, None).await
    }

    /// The visible rows of a list in which a column has one of these values, or at most this many of them.
    async fn some_rows_by<E, T>(
        &self,
        list: Select<E>,
        column: E::Column,
        values: impl IntoIterator<Item = T>,
        at_most: Option<usize>,
    ) -> Result<Vec<E::Model>, StoreError>
    where
        E: RowPolicy,
        T: Clone + Into<Value>,
        Vec<T>: Into<Value>,
    {
        // SQLite accepts 32,766 parameters per statement.
        const CHUNK: usize = 10_000;
        let backend = self.backend();
        let values: Vec<T> = values.into_iter().collect();
        let mut rows = Vec::with_capacity(values.len());
        for chunk in values.chunks(CHUNK) {
            let filter = one_of(backend, (E::default(), column), chunk.iter().cloned());
            let list = self.visible(list.clone()).filter(filter);
            let left = at_most.map(|at_most| at_most.saturating_sub(rows.len()) as u64);
            let list = list.limit(left).into_query();
            for row in self.read.query_all(&list).await? {
                rows.push(E::Model::decode(&row)?);
            }
        }
        Ok(rows)
    }
}
