//! Rows and how statements read and write them: sets of rows as parameters, decoding, and the rows of each table.

pub(crate) mod batched_write;
pub(crate) mod center_rows;
pub(crate) mod enum_column;
pub(crate) mod guest_rows;
pub(crate) mod row_decoding;
pub(crate) mod row_set;
pub(crate) mod workshop_rows;

pub use enum_column::EnumColumn;
pub use workshop_rows::{NewSession, NewTrack, NewWorkshop};
