use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};

use super::transaction;
use crate::{Store, StoreError, journal, search};

/// A migration, and whether it is applied to this database.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MigrationState {
    /// The name of the migration.
    pub name: String,
    /// Whether it is applied.
    pub applied: bool,
}

impl Store {
    /// All migrations in order, then the applied ones that only a newer version knows.
    pub async fn migrations(&self) -> Result<Vec<MigrationState>, StoreError> {
        Ok(states(&migration::applied(&self.write).await?))
    }

    /// Applies the missing migrations, all or none. Servers that start together take turns. The database can have
    /// migrations of a newer version, whose servers run beside ours until the last of ours is replaced.
    pub async fn migrate_up(&self) -> Result<(), StoreError> {
        let tx = self.begin_migration().await?;
        if states(&migration::applied(&tx).await?).iter().any(|migration| !migration.applied) {
            Migrator::up(&tx, None).await?;
        }
        search::index_missing(&tx).await?;
        Ok(tx.commit().await?)
    }

    /// Makes the journal of a restored PostgreSQL dump readable from its start.
    pub async fn reset_restored_positions(&self) -> Result<(), StoreError> {
        Ok(journal::reset_restored_positions(&self.write).await?)
    }

    /// Reverts the last `steps` migrations, including the contents of their tables.
    pub async fn migrate_down(&self, steps: u32) -> Result<(), StoreError> {
        let tx = self.begin_migration().await?;
        Migrator::down(&tx, Some(steps)).await?;
        Ok(tx.commit().await?)
    }

    async fn begin_migration(&self) -> Result<DatabaseTransaction, StoreError> {
        let tx = transaction::begin(&self.write).await?;
        if tx.get_database_backend() == DbBackend::Postgres {
            // Any number that no other program locks: these are the letters "atelier".
            let lock = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; \
                        SELECT pg_advisory_xact_lock(27431051700299122)";
            tx.execute_unprepared(lock).await?;
        }
        Ok(tx)
    }
}

/// Our migrations, then the applied ones that are not ours.
fn states(applied: &[String]) -> Vec<MigrationState> {
    let ours: Vec<_> = Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let newer = applied.iter().filter(|name| !ours.contains(name)).cloned();
    let newer: Vec<_> = newer.map(|name| MigrationState { name, applied: true }).collect();
    let ours = ours.into_iter().map(|name| MigrationState { applied: applied.contains(&name), name });
    ours.chain(newer).collect()
}
