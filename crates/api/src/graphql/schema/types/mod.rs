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

use std::sync::Arc;

use async_graphql::{ID, Interface, Result};

use api_key::ApiKey;
use center::Center;
use change::Change;
use guest::Guest;
use registration::Registration;
use session::Session;
use track::Track;
use workshop::Workshop;

use crate::graphql::execution::{fault::Fault, loaded::Rows};

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
        pub(crate) struct $fields(pub(in crate::graphql) std::sync::Arc<$row>);

        pub(crate) type $name = $crate::graphql::execution::row_object::RowObject<$fields>;

        impl $crate::graphql::execution::row_object::NodeFields for $fields {
            $(const LOOKUPS: &'static [&'static str] = &[$($leaf),+];)?
        }

        impl From<std::sync::Arc<$row>> for $name {
            fn from(row: std::sync::Arc<$row>) -> Self {
                Self::new($fields(row))
            }
        }

        impl From<$row> for $name {
            fn from(row: $row) -> Self {
                std::sync::Arc::new(row).into()
            }
        }
    };
}
use node;

/// Wraps rows in their output type.
fn nodes<R, T: From<Arc<R>>>(rows: Option<&Rows<R>>) -> Vec<T> {
    rows.into_iter().flat_map(|rows| rows.iter()).cloned().map(T::from).collect()
}

/// Converts the result of a lookup. A missing row is null, and a fault fails only its own field.
pub(in crate::graphql) fn optional_node<R, T: From<R>>(row: Result<Option<R>, Fault>) -> Option<Result<T>> {
    row.map_err(Into::into).transpose().map(|row| row.map(T::from))
}
