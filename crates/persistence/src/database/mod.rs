//! Connections to the database: how they are made, checked, reconnected and backed up.

mod backup;
pub(crate) mod connect;
pub(crate) mod file;
mod migrations;
pub(crate) mod pool_sizes;
mod postgres;
mod postgres_url;
pub(crate) mod probe;
pub(crate) mod reader;
pub(crate) mod redacted_error;
pub(crate) mod row_lock;
mod schema_access;
mod session_settings;
mod sqlite;
mod sqlite_url;
pub(crate) mod startup;
pub(crate) mod transaction;
mod url;
mod verify_backup;
pub(crate) mod waiting;

pub use backup::BackupError;
pub use migrations::MigrationState;
pub use url::{DatabaseUrl, DatabaseUrlInvalid};
