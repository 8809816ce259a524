//! What can be read, one file a subject. What several parents ask for comes for all of them in one statement.

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

use domain::SearchText;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait, Select, Value};

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
    rows::{row_decoding::DecodeRow, row_set::one_of},
    search::{Searchable, with_word},
    view::Guarded,
};

/// Those things of a list whose words begin as those of this text do.
fn matching_text<T: Searchable>(list: Select<T::Entity>, text: &SearchText) -> Select<T::Entity>
where
    T::Entity: EntityTrait<Model = T>,
{
    text.words().fold(list, |list, word| list.filter(T::ID.in_subquery(with_word::<T>(word))))
}

impl View {
    /// Those rows that are seen of which a column is one of these values.
    async fn rows_by<E, T>(
        &self,
        column: E::Column,
        values: impl IntoIterator<Item = T>,
    ) -> Result<Vec<E::Model>, StoreError>
    where
        E: Guarded,
        T: Clone + Into<Value>,
        Vec<T>: Into<Value>,
    {
        // SQLite takes 32,766 parameters: who asks for more asks several times.
        const MOST: usize = 10_000;
        let backend = self.backend();
        let values: Vec<T> = values.into_iter().collect();
        let mut rows = Vec::with_capacity(values.len());
        for some in values.chunks(MOST) {
            let filter = one_of(backend, (E::default(), column), some.iter().cloned());
            let list = self.seen(E::find()).filter(filter).into_query();
            for row in self.read.query_all(&list).await? {
                rows.push(E::Model::read(&row)?);
            }
        }
        Ok(rows)
    }
}
