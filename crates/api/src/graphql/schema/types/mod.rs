//! The output types, one file each: a newtype over a row that selects the fields that clients see.

pub(in crate::graphql) mod api_key;
pub(in crate::graphql) mod center;
pub(in crate::graphql) mod change;
pub(in crate::graphql) mod eligibility;
pub(in crate::graphql) mod guest;
pub(in crate::graphql) mod registration;
pub(in crate::graphql) mod seats;
pub(in crate::graphql) mod session;
pub(in crate::graphql) mod statistics;
pub(in crate::graphql) mod status_count;
pub(in crate::graphql) mod track;
pub(in crate::graphql) mod viewer;
pub(in crate::graphql) mod workshop;

use async_graphql::{Context, ID, Interface, Result};

use api_key::ApiKey;
use center::Center;
use change::Change;
use guest::Guest;
use registration::Registration;
use session::Session;
use track::Track;
use workshop::Workshop;

use crate::graphql::execution::{fault::Fault, response_size::announce};

/// An object with a globally unique id.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "The id, globally unique and opaque: a type prefix and a sortable body."
))]
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

/// Makes an output type from a row. Leaves that need a lookup are listed.
macro_rules! node {
    ($name:ident = $fields:ident($row:ty) $(, looks up $($leaf:literal),+)?) => {
        /// The fields of the type.
        pub(crate) struct $fields(pub(in crate::graphql) $row);

        pub(crate) type $name = $crate::graphql::execution::row_object::RowObject<$fields>;

        impl $crate::graphql::execution::row_object::NodeFields for $fields {
            $(const LOOKUPS: &'static [&'static str] = &[$($leaf),+];)?
        }

        impl From<$row> for $name {
            fn from(row: $row) -> Self {
                Self::new($fields(row))
            }
        }
    };
}
use node;

/// Wraps rows in their output type.
async fn nodes<'a, R: Clone + 'a, T: From<R>>(ctx: &Context<'_>, rows: impl Iterator<Item = &'a R> + Clone) -> Vec<T> {
    announce(ctx, rows.clone().count()).await;
    rows.cloned().map(T::from).collect()
}

/// Converts the result of a lookup. A missing row is null, and a fault fails only its own field.
pub(in crate::graphql) fn optional_node<R, T: From<R>>(row: Result<Option<R>, Fault>) -> Option<Result<T>> {
    row.map_err(Into::into).transpose().map(|row| row.map(T::from))
}
