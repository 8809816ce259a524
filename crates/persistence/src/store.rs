use std::{sync::Arc, time::Duration};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend};
use tokio::sync::Semaphore;

use crate::{
    Clock, DatabaseUrl, StoreError,
    api_keys::ApiKeyCache,
    database::{
        connect::{self, Connections},
        probe::Probe,
        reader::Reader,
        redacted_error::RedactedError,
        transaction,
    },
    journal,
    lane::{Lanes, Settings},
    live::Live,
    metrics::Metrics,
    search,
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
    pub lock_timeout: Duration,
    /// The longest wait for a connection, in a lane and for the turn of an edit: what waits longer is refused as overload, or
    /// because the database is out of reach.
    pub acquire_timeout: Duration,
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
            lock_timeout: Duration::from_secs(10),
            acquire_timeout: Duration::from_secs(5),
            lanes: Settings::default(),
            clock: Clock::system(),
            observer: None,
            create: true,
        }
    }
}

impl Options {
    /// How many of the connections to PostgreSQL are for the lanes: one each, but not more than half of them.
    pub(crate) fn share_of_lanes(&self) -> u32 {
        u32::try_from(self.lanes.lanes).unwrap_or(u32::MAX).min(self.connections / 2).max(1)
    }
}

/// The database, and the only door to it.
pub struct Store {
    pub(crate) read: DatabaseConnection,
    pub(crate) reader: Reader,
    pub(crate) write: DatabaseConnection,
    pub(crate) lanes: Lanes,
    /// Edits that are made at a time.
    pub(crate) edits: Arc<Semaphore>,
    pub(crate) acquire_timeout: Duration,
    probe: Probe,
    pub(crate) live: Live,
    pub(crate) keys: ApiKeyCache,
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
        let heard = connect::hear(&options, &metrics.statements);
        let connections = connect::connect(url, &options, &heard).await?;
        let for_lanes = connect::for_lanes(&connections, url, &options, &heard);
        let live = Live::start(&connections, url, &options.clock, &metrics.feed)?;
        let Connections { read, write } = connections;
        let probe = Probe::of(url, &read)?;
        let reader = Reader::new(&read, heard);
        let Options { clock, acquire_timeout, .. } = options;
        let lanes = Lanes::start(for_lanes, &clock, &live.wake(), &metrics, options.lanes, acquire_timeout).await?;
        let edits = Arc::new(Semaphore::new(EDITS));
        let keys = ApiKeyCache::default();
        Ok(Self { read, reader, write, lanes, edits, acquire_timeout, probe, live, keys, clock, metrics })
    }

    /// The clock that the rules are read by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Whether the database answers. It is asked on a connection of its own, for one that is busy is there.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.probe.ping().await?)
    }

    /// Takes no more commands, settles those that are queued, ends what is told live, and leaves the database.
    pub async fn close(&self) {
        self.lanes.drain().await;
        self.live.close(&self.write).await;
        self.reader.close();
        // SQLite folds its journal into the file when the last connection closes, if that one may write.
        for connection in [&self.read, &self.lanes.db, &self.write] {
            if let Err(error) = connection.close_by_ref().await {
                tracing::warn!(error = %RedactedError(&error), "a connection did not close");
            }
        }
    }

    /// All migrations, in order; last those that a newer version has applied.
    pub async fn migrations(&self) -> Result<Vec<MigrationState>, StoreError> {
        Ok(states(&migration::applied(&self.write).await?))
    }

    /// Applies the migrations that are missing, all or none. Servers that start batched take turns. Where none is missing
    /// there may be some of a newer version, whose servers go on beside ours until the last of ours is replaced.
    pub async fn migrate_up(&self) -> Result<(), StoreError> {
        let tx = self.begin_migration().await?;
        if states(&migration::applied(&tx).await?).iter().any(|migration| !migration.applied) {
            Migrator::up(&tx, None).await?;
        }
        search::catch_up(&tx).await?;
        Ok(tx.commit().await?)
    }

    /// Makes a database that came in a dump from elsewhere tell its journal from the start.
    pub async fn reset_restored_positions(&self) -> Result<(), StoreError> {
        Ok(journal::reset_restored_positions(&self.write).await?)
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

/// Our migrations, then those of the applied that are not ours.
fn states(applied: &[String]) -> Vec<MigrationState> {
    let ours: Vec<_> = Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let newer = applied.iter().filter(|name| !ours.contains(name)).cloned();
    let newer: Vec<_> = newer.map(|name| MigrationState { name, applied: true }).collect();
    let ours = ours.into_iter().map(|name| MigrationState { applied: applied.contains(&name), name });
    ours.chain(newer).collect()
}
