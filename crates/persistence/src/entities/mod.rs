//! The entities, one per table. Readers get rows; rules get snapshots made from rows.

pub mod api_key;
pub mod api_key_center;
pub mod center;
pub mod guest;
pub mod idempotency_key;
pub mod journal;
pub mod registration;
pub mod session;
pub mod track;
pub mod word;
pub mod workshop;
pub mod workshop_center;

use crate::StoreError;

/// A number from a column that is never negative.
fn count(what: &'static str, number: i32) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| StoreError::corrupt(what, number.to_string()))
}
