//! Connections to the database: how they are made, checked, reconnected and backed up.

mod backup;
pub(crate) mod connect;
mod migrations;
pub(crate) mod probe;
pub(crate) mod reader;
pub(crate) mod redacted_error;
mod schema_access;
pub(crate) mod transaction;
mod url;

pub use backup::BackupError;
pub use migrations::MigrationState;
pub use url::{DatabaseUrl, DatabaseUrlInvalid};
