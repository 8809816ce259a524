use std::{sync::Arc, time::Duration};

use sea_orm::DatabaseConnection;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::{
    Clock, DatabaseUrl, StoreError,
    api_keys::ApiKeyCache,
    database::{
        connect::{self, Connections},
        pool_sizes::PoolSizes,
        probe::Probe,
        reader::Reader,
        redacted_error::RedactedError,
        startup::Startup,
        waiting::WaitingConnections,
    },
    idempotency::Retention,
    keyed_mutex::KeyedMutex,
    lane::{Lanes, Settings},
    live::Live,
    metrics::Metrics,
};

/// A statement that the database has just executed.
#[derive(Clone, Copy, Debug)]
pub struct ExecutedQuery<'a> {
    /// The text of the statement, without its values.
    pub text: &'a str,
    /// The duration of the execution.
    pub elapsed: Duration,
    /// Whether the statement failed.
    pub failed: bool,
}

/// A callback for every executed statement, in the task that executed it.
pub type QueryObserver = Arc<dyn Fn(ExecutedQuery<'_>) + Send + Sync>;

/// The options of a store.
#[derive(Clone)]
pub struct Options {
    /// The maximum number of connections to the database. (For SQLite: the maximum number of readers. There are
    /// two for each processor, and one further connection writes.)
    pub connections: u32,
    /// The longest wait for a lock of another transaction.
    pub lock_timeout: Duration,
    /// The longest wait for a connection, in the queue of a lane, and of an edit for its turn and its locks together. An
    /// operation that waits longer fails as overload, or because the database is unavailable.
    pub acquire_timeout: Duration,
    /// The lanes.
    pub lanes: Settings,
    /// The clock.
    pub clock: Clock,
    /// The observer of statements.
    pub observer: Option<QueryObserver>,
    /// The maximum bytes of results that are stored under the idempotency keys of one caller. Beyond it, the oldest are
    /// deleted before they expire.
    pub idempotency_bytes: usize,
    /// How to open an SQLite file.
    pub mode: OpenMode,
}

/// How a store opens an SQLite file. On PostgreSQL the permissions of the account apply.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OpenMode {
    /// Only reads. The file and its folder stay as they are.
    ReadOnly,
    /// Reads and writes an existing file.
    ReadWrite,
    /// Creates a missing file.
    Create,
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
            idempotency_bytes: 64 * 1024 * 1024,
            mode: OpenMode::Create,
        }
    }
}

/// The database, and the only access to it.
pub struct Store {
    url: DatabaseUrl,
    max_connections: u32,
    pub(crate) read: DatabaseConnection,
    pub(crate) reader: Reader,
    pub(crate) write: DatabaseConnection,
    /// The connections of writes that wait for another transaction.
    pub(crate) waiting: WaitingConnections,
    pub(crate) lanes: Lanes,
    /// Permits for concurrent edits.
    pub(crate) edits: Arc<Semaphore>,
    /// The rows that this server changes. Of the commands and edits for one row, a single one has a session of the database:
    /// if the server freezes, no further session of it can get the row.
    pub(crate) row_turns: KeyedMutex<Uuid>,
    pub(crate) acquire_timeout: Duration,
    pub(crate) lock_timeout: Duration,
    probe: Probe,
    pub(crate) startup: Startup,
    pub(crate) live: Live,
    pub(crate) keys: ApiKeyCache,
    pub(crate) clock: Clock,
    pub(crate) metrics: Metrics,
    pub(crate) retention: Retention,
}

/// The maximum number of concurrent edits. Each occupies a connection, and reads need some, too.
const MAX_EDITS: usize = 4;

impl Store {
    /// Connects and starts the lanes and the feed. Waits for a PostgreSQL that is starting. Does not check the schema of the
    /// database.
    pub async fn open(url: &DatabaseUrl, options: Options) -> Result<Self, StoreError> {
        let metrics = Metrics::default();
        let observer = connect::query_observer(&options, &metrics.statements);
        let startup = Startup::begin(url, options.acquire_timeout);
        let connections = startup.connect(|| connect::connect(url, &options, &observer)).await?;
        let lane_connections = connect::connect_lanes(&connections, url, &options, &observer, startup);
        let live = Live::start(&connections, url, &options.clock, &metrics.feed);
        let Connections { read, write, waiting } = connections;
        let waiting = WaitingConnections::new(waiting, PoolSizes::new(&options).waiting);
        let probe = Probe::new(url, &read);
        let reader = Reader::new(&read, observer);
        let row_turns = KeyedMutex::default();
        let retention = Retention::start(write.clone(), options.idempotency_bytes);
        let notifier = live.notifier();
        let lanes =
            Lanes::start(lane_connections, &waiting, &options, &notifier, &metrics, &retention, &row_turns).await?;
        let Options { connections, clock, acquire_timeout, lock_timeout, .. } = options;
        let edits = Arc::new(Semaphore::new(MAX_EDITS));
        let keys = ApiKeyCache::default();
        Ok(Self {
            url: url.clone(),
            max_connections: connections,
            read,
            reader,
            write,
            waiting,
            lanes,
            edits,
            row_turns,
            acquire_timeout,
            lock_timeout,
            probe,
            startup,
            live,
            keys,
            clock,
            metrics,
            retention,
        })
    }

    /// The address of the database.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// The maximum number of connections to the database.
    pub fn max_connections(&self) -> u32 {
        self.max_connections
    }

    /// The clock that the rules use.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Checks whether the database responds. The check has its own connection, so a busy database passes it.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.probe.ping().await?)
    }

    /// Accepts no more commands, processes the queued ones, ends all subscriptions, and disconnects.
    pub async fn close(&self) {
        self.lanes.drain().await;
        self.live.close(&self.write).await;
        self.retention.close().await;
        self.reader.close();
        // The writer last: SQLite merges its write-ahead log into the file when the last connection closes, if it can
        // write.
        for connection in [&self.read, &self.waiting.pool, &self.lanes.db, &self.write] {
            if let Err(error) = connection.close_by_ref().await {
                tracing::warn!(error = %RedactedError(&error), "a connection to the database did not close cleanly");
            }
        }
    }
}
