//! The things of the graph, one file each: a row, and which of its columns clients see.

pub(super) mod api_key;
pub(super) mod center;
pub(super) mod change;
pub(super) mod eligibility;
pub(super) mod guest;
pub(super) mod registration;
pub(super) mod seats;
pub(super) mod session;
pub(super) mod statistics;
pub(super) mod track;
pub(super) mod viewer;
pub(super) mod workshop;

use async_graphql::{ID, Interface};

use api_key::ApiKey;
use center::Center;
use change::Change;
use guest::Guest;
use registration::Registration;
use session::Session;
use track::Track;
use workshop::Workshop;

/// Everything with a globally unique id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Globally unique and opaque: a type prefix and a sortable body."))]
pub(crate) enum Node {
    Workshop(Workshop),
    Track(Track),
    Session(Session),
    Center(Center),
    Guest(Guest),
    Registration(Registration),
    Change(Change),
    ApiKey(ApiKey),
}

/// Makes a thing of the graph of a row. Leaves that look something up are named.
macro_rules! thing {
    ($name:ident = $fields:ident($row:ty) $(, looks up $($leaf:literal),+)?) => {
        /// What clients see of the row.
        pub(crate) struct $fields(pub(in crate::graphql) $row);

        pub(crate) type $name = $crate::graphql::swift::Swift<$fields>;

        impl $crate::graphql::swift::Thing for $fields {
            $(const LOOKED_UP: &'static [&'static str] = &[$($leaf),+];)?
        }

        impl From<$row> for $name {
            fn from(row: $row) -> Self {
                Self::new($fields(row))
            }
        }
    };
}
use thing;

/// Things of rows.
fn things<'a, R: Clone + 'a, T: From<R>>(rows: impl IntoIterator<Item = &'a R>) -> Vec<T> {
    rows.into_iter().cloned().map(T::from).collect()
}
