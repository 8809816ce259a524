use std::{sync::Arc, time::Duration};

use migration::{MigrationStatus, Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend};
use tokio::sync::Semaphore;

use crate::{
    Clock, DatabaseUrl, StoreError,
    cause::Cause,
    connect::{self, Connections},
    journal,
    keys::KeyMemory,
    lane::{Lanes, Settings},
    live::Live,
    metrics::Metrics,
    search, transaction,
};

/// A statement that the database has just answered.
#[derive(Clone, Copy, Debug)]
pub struct RanStatement<'a> {
    /// Its text, without its values.
    pub text: &'a str,
    /// How long it took.
    pub elapsed: Duration,
    /// Whether the answer was an error.
    pub failed: bool,
}

/// Hears of every statement that was run, in the task that ran it.
pub type StatementObserver = Arc<dyn Fn(RanStatement<'_>) + Send + Sync>;

/// How a store is opened.
#[derive(Clone)]
pub struct Options {
    /// The most connections to the database (for SQLite: to read; there is one more that writes).
    pub connections: u32,
    /// The longest wait for what somebody else holds.
    pub lock_patience: Duration,
    /// The lanes.
    pub lanes: Settings,
    /// Where the time comes from.
    pub clock: Clock,
    /// Who hears of statements.
    pub observer: Option<StatementObserver>,
    /// Whether an SQLite file that is not there is made.
    pub create: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connections: 16,
            lock_patience: Duration::from_secs(10),
            lanes: Settings::default(),
            clock: Clock::system(),
            observer: None,
            create: true,
        }
    }
}

/// The database, and the only door to it.
pub struct Store {
    pub(crate) read: DatabaseConnection,
    pub(crate) write: DatabaseConnection,
    pub(crate) lanes: Lanes,
    /// Edits that are made at a time.
    pub(crate) edits: Arc<Semaphore>,
    pub(crate) live: Live,
    pub(crate) keys: KeyMemory,
    pub(crate) clock: Clock,
    pub(crate) metrics: Metrics,
}

/// The most edits at a time: one that waits for a workshop that somebody holds keeps a connection meanwhile, and reads and
/// registrations need some, too.
const EDITS: usize = 4;

/// A migration, and whether this database has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MigrationState {
    /// Its name.
    pub name: String,
    /// Whether it was applied.
    pub applied: bool,
}

impl Store {
    /// Connects and starts the lanes and the feed. The schema of the database is not looked at.
    pub async fn open(url: &DatabaseUrl, options: Options) -> Result<Self, StoreError> {
        let metrics = Metrics::default();
        let connections = connect::connect(url, &options, &metrics.statements).await?;
        let live = Live::start(&connections, url, &options.clock, &metrics.feed)?;
        let Connections { read, write } = connections;
        let lanes = Lanes::start(&write, &options.clock, &live.wake(), &metrics, options.lanes);
        let edits = Arc::new(Semaphore::new(EDITS));
        Ok(Self { read, write, lanes, edits, live, keys: KeyMemory::default(), clock: options.clock, metrics })
    }

    /// The clock that the rules are read by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.read.ping().await?)
    }

    /// Takes no more commands, settles those that are queued, ends what is told live, and leaves the database.
    pub async fn close(&self) {
        self.lanes.drain().await;
        self.live.close(&self.write).await;
        // SQLite folds its journal into the file when the last connection closes, if that one may write.
        for connection in [&self.read, &self.write] {
            if let Err(error) = connection.close_by_ref().await {
                tracing::warn!(error = %Cause(&error), "a connection did not close");
            }
        }
    }

    /// All migrations, in order.
    pub async fn migrations(&self) -> Result<Vec<MigrationState>, StoreError> {
        let migrations = Migrator::get_migration_with_status_read_only(&self.write).await?;
        Ok(migrations
            .into_iter()
            .map(|migration| MigrationState {
                name: migration.name().to_owned(),
                applied: migration.status() == MigrationStatus::Applied,
            })
            .collect())
    }

    /// Applies the migrations that are missing, all or none. Servers that start together take turns.
    pub async fn migrate_up(&self) -> Result<(), StoreError> {
        let tx = self.begin_migration().await?;
        Migrator::up(&tx, None).await?;
        search::catch_up(&tx).await?;
        Ok(tx.commit().await?)
    }

    /// Makes a database that came in a dump from elsewhere tell its journal from the start.
    pub async fn settle_restored(&self) -> Result<(), StoreError> {
        Ok(journal::settle_restored(&self.write).await?)
    }

    /// Takes back the last `steps` migrations, with all that their tables hold.
    pub async fn migrate_down(&self, steps: u32) -> Result<(), StoreError> {
        let tx = self.begin_migration().await?;
        Migrator::down(&tx, Some(steps)).await?;
        Ok(tx.commit().await?)
    }

    async fn begin_migration(&self) -> Result<DatabaseTransaction, StoreError> {
        let tx = transaction::begin(&self.write).await?;
        if tx.get_database_backend() == DbBackend::Postgres {
            // Any number will do as long as nobody else takes it: these are the letters "atelier".
            let take_turns = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; \
                              SELECT pg_advisory_xact_lock(27431051700299122)";
            tx.execute_unprepared(take_turns).await?;
        }
        Ok(tx)
    }
}
