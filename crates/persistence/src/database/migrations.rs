use migration::{Migrator, MigratorTrait, SEARCH_RULES};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};

use super::{schema_access, transaction};
use crate::{
    Store, StoreError, journal,
    search::{self, Compared},
};

/// A migration, and whether it is applied to this database.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MigrationState {
    /// The name of the migration.
    pub name: String,
    /// Whether it is applied.
    pub applied: bool,
    /// Whether only a newer version of Atelier knows it.
    pub is_newer: bool,
}

impl Store {
    /// All migrations in order, then the applied ones that only a newer version knows.
    pub async fn migrations(&self) -> Result<Vec<MigrationState>, StoreError> {
        let read = || async {
            schema_access::ensure_readable(&self.write).await?;
            Ok(states(&migration::applied(&self.write).await?))
        };
        self.startup.retry(read).await
    }

    /// Applies the missing migrations and returns their names. Servers that start together take turns. The database can have
    /// migrations of a newer version, whose servers run beside ours until the last of ours is replaced.
    ///
    /// The migrations before and after new rules for searches are one transaction each. In between, rows are changed in
    /// many short transactions, because running servers wait for them.
    pub async fn migrate_up(&self) -> Result<Vec<String>, StoreError> {
        let (mut applied, has_new_rules) = self.startup.retry(|| self.apply(Some(SEARCH_RULES))).await?;
        let compared = if has_new_rules { Compared::All } else { Compared::WithoutSortKey };
        self.startup.retry(|| search::rebuild_stale(&self.write, compared)).await?;
        if has_new_rules {
            applied.extend(self.startup.retry(|| self.apply(None)).await?.0);
        }
        Ok(applied)
    }

    /// Applies the missing migrations before this one, or all: all or none. Returns their names, and whether this one is
    /// missing.
    async fn apply(&self, before: Option<&str>) -> Result<(Vec<String>, bool), StoreError> {
        schema_access::ensure_readable(&self.write).await?;
        let tx = self.begin_migration().await?;
        let states = states(&migration::applied(&tx).await?);
        let mut pending: Vec<_> =
            states.iter().filter(|migration| !migration.applied).map(|state| state.name.clone()).collect();
        if !pending.is_empty() {
            ensure_known(&states)?;
            schema_access::ensure_writable(&tx).await?;
        }
        let position = pending.iter().position(|name| Some(&**name) == before);
        pending.truncate(position.unwrap_or(pending.len()));
        if let Ok(steps @ 1..) = u32::try_from(pending.len()) {
            Migrator::up(&tx, Some(steps)).await?;
        }
        tx.commit().await?;
        Ok((pending, position.is_some()))
    }

    /// Makes the journal of a restored PostgreSQL dump readable from its start.
    pub async fn reset_restored_positions(&self) -> Result<(), StoreError> {
        self.startup.retry(|| async { Ok(journal::reset_restored_positions(&self.write).await?) }).await
    }

    /// Reverts the last `steps` migrations, including the contents of their tables, and returns their names, last first.
    pub async fn migrate_down(&self, steps: u32) -> Result<Vec<String>, StoreError> {
        schema_access::ensure_readable(&self.write).await?;
        let tx = self.begin_migration().await?;
        let mut applied = migration::applied(&tx).await?;
        ensure_known(&states(&applied))?;
        Migrator::down(&tx, Some(steps)).await?;
        tx.commit().await?;
        let reverted = applied.split_off(applied.len().saturating_sub(steps as usize));
        Ok(reverted.into_iter().rev().collect())
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

/// Fails if the database has a migration that only a newer version knows.
fn ensure_known(states: &[MigrationState]) -> Result<(), StoreError> {
    let newer = states.iter().find(|migration| migration.is_newer);
    newer.map_or(Ok(()), |migration| Err(StoreError::NewerSchema(migration.name.clone())))
}

/// Our migrations, then the applied ones that are not ours.
fn states(applied: &[String]) -> Vec<MigrationState> {
    let ours: Vec<_> = Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let newer = applied.iter().filter(|name| !ours.contains(name)).cloned();
    let newer: Vec<_> = newer.map(|name| MigrationState { name, applied: true, is_newer: true }).collect();
    let state = |name| MigrationState { applied: applied.contains(&name), name, is_newer: false };
    ours.into_iter().map(state).chain(newer).collect()
}
