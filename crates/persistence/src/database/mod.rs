//! Connections to the database: how they are made, checked, reconnected and backed up.

mod backup;
pub(crate) mod connect;
pub(crate) mod probe;
pub(crate) mod reader;
pub(crate) mod redacted_error;
pub(crate) mod transaction;

pub use backup::BackupFailed;
pub use connect::{DatabaseUrl, DatabaseUrlInvalid};
