//! The things of the graph, one file each: a row, and which of its columns clients see.

pub(in crate::graphql) mod api_key;
pub(in crate::graphql) mod center;
pub(in crate::graphql) mod change;
pub(in crate::graphql) mod eligibility;
pub(in crate::graphql) mod guest;
pub(in crate::graphql) mod registration;
pub(in crate::graphql) mod seats;
pub(in crate::graphql) mod session;
pub(in crate::graphql) mod statistics;
pub(in crate::graphql) mod track;
pub(in crate::graphql) mod viewer;
pub(in crate::graphql) mod workshop;

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
macro_rules! node {
    ($name:ident = $fields:ident($row:ty) $(, looks up $($leaf:literal),+)?) => {
        /// What clients see of the row.
        pub(crate) struct $fields(pub(in crate::graphql) $row);

        pub(crate) type $name = $crate::graphql::execution::row_object::RowObject<$fields>;

        impl $crate::graphql::execution::row_object::NodeFields for $fields {
            $(const LOOKED_UP: &'static [&'static str] = &[$($leaf),+];)?
        }

        impl From<$row> for $name {
            fn from(row: $row) -> Self {
                Self::new($fields(row))
            }
        }
    };
}
use node;

/// Things of rows.
fn things<'a, R: Clone + 'a, T: From<R>>(rows: impl IntoIterator<Item = &'a R>) -> Vec<T> {
    rows.into_iter().cloned().map(T::from).collect()
}
