//! `atelier migrate`: applies, reverts and lists migrations.

use clap::{Args, Subcommand};
use persistence::{MigrationState, OpenMode, Store};

use super::database::{DatabaseArguments, failed};
use crate::output::print_line;

#[derive(Debug, Subcommand)]
pub(super) enum Migrate {
    /// Apply the pending migrations, and print them.
    ///
    /// If one fails, the database stays as it was before the migrations of the same transaction. Run the command again to
    /// continue.
    Up {
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Revert the last migration, or several. The data in the tables and columns that they created is lost.
    Down(DownArguments),
    /// List the migrations and whether each is applied.
    Status {
        #[command(flatten)]
        database: DatabaseArguments,
    },
}

#[derive(Args, Debug)]
pub(super) struct DownArguments {
    /// The number of migrations to revert.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Revert them. Without this flag, the command only prints the migrations that it would revert.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    database: DatabaseArguments,
}

pub(super) async fn migrate(command: Migrate) -> Result<(), String> {
    match command {
        Migrate::Up { database } => {
            let store = database.open(OpenMode::Create).await?;
            warn_if_newer(&store).await?;
            let applied = store.migrate_up().await.map_err(failed(&store))?;
            store.close().await;
            match &*applied {
                [] => print_line("No migration is pending."),
                applied => applied.iter().try_for_each(|name| print_line(&format!("applied {name}"))),
            }
        }
        Migrate::Down(arguments) => down(arguments).await,
        Migrate::Status { database } => {
            let store = database.open(OpenMode::ReadOnly).await?;
            let migrations = store.migrations().await.map_err(failed(&store))?;
            store.close().await;
            for MigrationState { name, applied, is_newer } in migrations {
                let state = if applied { "applied" } else { "pending" };
                let origin = if is_newer { " (of a newer version)" } else { "" };
                print_line(&format!("{state} {name}{origin}"))?;
            }
            Ok(())
        }
    }
}

async fn down(DownArguments { database, steps, yes }: DownArguments) -> Result<(), String> {
    let mode = if yes { OpenMode::ReadWrite } else { OpenMode::ReadOnly };
    let store = database.open(mode).await?;
    if !yes {
        let migrations = store.migrations().await.map_err(failed(&store))?;
        store.close().await;
        let applied = migrations.iter().rev().filter(|migration| migration.applied);
        for MigrationState { name, .. } in applied.take(steps as usize) {
            print_line(&format!("would revert {name}"))?;
        }
        return Err(
            "the data in the tables and columns of these migrations would be lost; make a backup, then add --yes"
                .to_owned(),
        );
    }
    let reverted = store.migrate_down(steps).await.map_err(failed(&store))?;
    store.close().await;
    reverted.iter().try_for_each(|name| print_line(&format!("reverted {name}")))
}

/// Applies the pending migrations, and logs them. Returns the last migration of the database.
pub(super) async fn apply(store: &Store) -> Result<Option<String>, String> {
    let migrations = warn_if_newer(store).await?;
    let pending = migrations.iter().filter(|migration| !migration.applied).count();
    if pending > 0 {
        tracing::info!(pending, "migrating the database");
    }
    for name in store.migrate_up().await.map_err(failed(store))? {
        tracing::info!(name, "migration applied");
    }
    // All are applied now.
    Ok(last(migrations))
}

/// Fails if a migration is pending. Logs a warning if a newer version migrated the database. Returns the last migration of
/// the database.
pub(super) async fn ensure_migrated(store: &Store) -> Result<Option<String>, String> {
    let migrations = warn_if_newer(store).await?;
    let pending = migrations.iter().filter(|migration| !migration.applied).count();
    if pending == 0 {
        return Ok(last(migrations));
    }
    Err(format!("{} has {pending} pending migrations; run `atelier migrate up`", store.url()))
}

fn last(mut migrations: Vec<MigrationState>) -> Option<String> {
    migrations.pop().map(|migration| migration.name)
}

/// Logs a warning if a newer version migrated the database, and returns all migrations.
pub(super) async fn warn_if_newer(store: &Store) -> Result<Vec<MigrationState>, String> {
    let migrations = store.migrations().await.map_err(failed(store))?;
    if let Some(MigrationState { name, .. }) = migrations.iter().rev().find(|migration| migration.is_newer) {
        tracing::warn!(
            migration = name,
            version = env!("CARGO_PKG_VERSION"),
            "this program is older than the schema of the database; replace it with the newer version"
        );
    }
    Ok(migrations)
}
