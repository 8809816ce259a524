//! `atelier migrate`: applies, reverts and lists migrations.

use clap::Subcommand;
use persistence::{LaneSettings, MigrationState, Store};

use super::database::DatabaseArguments;
use crate::output::print_line;

#[derive(Debug, Subcommand)]
pub(super) enum Migrate {
    /// Apply the pending migrations: all of them, or none if one fails.
    Up {
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Revert the last migration, or several. The data in the tables and columns that they created is lost.
    Down {
        #[command(flatten)]
        database: DatabaseArguments,
        /// The number of migrations to revert.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// List the migrations and whether each is applied.
    Status {
        #[command(flatten)]
        database: DatabaseArguments,
    },
}

pub(super) async fn migrate(command: Migrate) -> Result<(), String> {
    let store = match &command {
        Migrate::Up { database } => database.open_or_create(LaneSettings::default()).await?,
        Migrate::Down { database, .. } | Migrate::Status { database } => database.open(LaneSettings::default()).await?,
    };
    let migrated = match command {
        Migrate::Up { .. } => store.migrate_up().await,
        Migrate::Down { steps, .. } => store.migrate_down(steps).await,
        Migrate::Status { .. } => Ok(()),
    };
    migrated.map_err(|fault| fault.operator_message())?;
    for MigrationState { name, applied } in store.migrations().await.map_err(|fault| fault.operator_message())? {
        print_line(&format!("{} {name}", if applied { "applied" } else { "pending" }))?;
    }
    store.close().await;
    Ok(())
}

/// Fails if a migration is pending.
pub(super) async fn ensure_migrated(store: &Store) -> Result<(), String> {
    let migrations = store.migrations().await.map_err(|fault| fault.operator_message())?;
    let pending = migrations.iter().filter(|migration| !migration.applied).count();
    if pending == 0 {
        return Ok(());
    }
    Err(format!("the database has {pending} pending migrations; run `atelier migrate up`"))
}
