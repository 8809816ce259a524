//! What can be read, one file a subject. What several parents ask for comes for all of them in one statement.

mod centers;
mod changes;
mod guests;
mod registrations;
mod tracks;
mod workshops;

use sea_orm::{EntityTrait, QueryFilter, Value};

pub use centers::CenterOrder;
pub use changes::{AS_COMMITTED, AS_WRITTEN, ChangeFilter, ChangeOrder};
pub(crate) use changes::{IS_SETTLED, list_changes};
pub use guests::{GuestFilter, GuestOrder};
pub use registrations::{RegistrationFilter, RegistrationOrder, RegistrationParent};
pub use workshops::{WorkshopFilter, WorkshopOrder};

use crate::{Store, StoreError, rows::one_of};

impl Store {
    /// The rows of which a column is one of these values.
    async fn rows_by<E, T>(
        &self,
        column: E::Column,
        values: impl IntoIterator<Item = T>,
    ) -> Result<Vec<E::Model>, StoreError>
    where
        E: EntityTrait,
        T: Into<Value>,
        Vec<T>: Into<Value>,
    {
        let filter = one_of(self.read.get_database_backend(), (E::default(), column), values);
        Ok(E::find().filter(filter).all(&self.read).await?)
    }
}
