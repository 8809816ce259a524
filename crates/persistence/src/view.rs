use domain::access::{Authority, Visibility};
use sea_orm::{ConnectionTrait, DbBackend, QueryFilter, Select};

use crate::{Clock, Store, database::reader::Reader, row_policy::RowPolicy};

/// The database as one caller sees it. All reads for clients go through a view.
#[derive(Clone)]
pub struct View {
    pub(crate) read: Reader,
    pub(crate) clock: Clock,
    authority: Authority,
}

impl Store {
    /// The view of a caller with this authority.
    pub fn view(&self, authority: Authority) -> View {
        View { read: self.reader.clone(), clock: self.clock.clone(), authority }
    }
}

impl View {
    /// The clock that the rules use.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The authority of the caller.
    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    pub(crate) fn visibility(&self) -> &Visibility {
        self.authority.visibility()
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// Excludes the rows that the caller cannot see.
    pub(crate) fn visible<E: RowPolicy>(&self, list: Select<E>) -> Select<E> {
        match E::visibility_condition(self.visibility(), self.backend()) {
            Some(condition) => list.filter(condition),
            None => list,
        }
    }
}
