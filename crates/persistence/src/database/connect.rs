//! Connections: SQLite with one writer and a pool of readers, PostgreSQL with one pool for both.

use std::{fs::OpenOptions, io, os::unix::fs::OpenOptionsExt, path::Path, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend, DbErr, sqlx::Connection};

use crate::{DatabaseUrl, ExecutedQuery, Options, QueryObserver, database::probe, metrics::Statements};

/// The connections of a store.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    pub(crate) write: DatabaseConnection,
    pub(crate) read: DatabaseConnection,
}

/// The observer of a store: it counts every statement, then calls the observer of the options.
pub(crate) fn query_observer(options: &Options, statements: &Statements) -> QueryObserver {
    let (observer, statements) = (options.observer.clone(), statements.clone());
    Arc::new(move |query| {
        statements.record(&query);
        if let Some(observer) = &observer {
            observer(query);
        }
    })
}

pub(crate) async fn connect(
    url: &DatabaseUrl,
    options: &Options,
    observer: &QueryObserver,
) -> Result<Connections, DbErr> {
    let Connections { mut write, mut read } = pools(url, options).await?;
    for pool in [&mut write, &mut read] {
        observe(pool, observer.clone());
    }
    Ok(Connections { write, read })
}

/// Reports every statement of a pool to an observer.
fn observe(pool: &mut DatabaseConnection, observer: QueryObserver) {
    pool.set_metric_callback(move |info| {
        observer(ExecutedQuery { text: &info.statement.sql, elapsed: info.elapsed, failed: info.failed });
    });
}

/// Connects the lanes: on PostgreSQL a separate pool with one connection per lane, on SQLite the writer that all share.
pub(crate) fn connect_lanes(
    connections: &Connections,
    url: &DatabaseUrl,
    options: &Options,
    observer: &QueryObserver,
) -> BoxFuture<'static, Result<DatabaseConnection, DbErr>> {
    let (write, observer) = (connections.write.clone(), observer.clone());
    let options = (url.backend() == DbBackend::Postgres).then(|| postgres(url, options.lane_connections(), options));
    async move {
        let Some(options) = options else { return Ok(write) };
        let mut db = Database::connect(options).await?;
        observe(&mut db, observer);
        Ok(db)
    }
    .boxed()
}

async fn pools(url: &DatabaseUrl, options: &Options) -> Result<Connections, DbErr> {
    match url.backend() {
        DbBackend::Postgres => {
            probe::wait_until_ready(url, options.acquire_timeout).await?;
            let rest = options.connections.saturating_sub(options.lane_connections());
            let pool = Database::connect(postgres(url, rest, options)).await?;
            Ok(Connections { write: pool.clone(), read: pool })
        }
        _ => {
            // The writer comes first: it creates the file and switches it to WAL.
            let write = Database::connect(sqlite(url, 1, if options.create { "rwc" } else { "rw" }, options)).await?;
            let read = Database::connect(sqlite(url, options.connections.max(1), "ro", options)).await?;
            Ok(Connections { write, read })
        }
    }
}

/// Creates a database file that no other account of the machine can read, because it contains personal data. SQLite's
/// companion files get the same mode.
pub(crate) fn create_private_file(file: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map(drop)
}

fn postgres(url: &DatabaseUrl, connections: u32, options: &Options) -> ConnectOptions {
    let lock_timeout = format!("{}ms", options.lock_timeout.as_millis());
    let mut options = connect_options(url.as_str(), connections.max(1), options.acquire_timeout);
    options.set_application_name("atelier");
    options.map_sqlx_postgres_opts(move |options| {
        options.options([
            // No statement waits for a lock, or runs, longer than a client waits for the server.
            ("lock_timeout", &*lock_timeout),
            ("statement_timeout", "30s"),
            // Frequently read pages are in memory or on an SSD, so random reads cost little more than sequential ones. With
            // PostgreSQL's default of 4 the planner scans thousands of rows instead of using an index.
            ("random_page_cost", "1.1"),
            // A server that is frozen or gone in the middle of a transaction loses its locks before the acquire timeout of
            // the servers that wait for them. A healthy server never idles in a transaction: it decides in milliseconds.
            // The second setting covers a server that does not even read the response to a statement.
            ("idle_in_transaction_session_timeout", "5s"),
            ("tcp_user_timeout", "5s"),
        ])
    });
    // A restart of PostgreSQL takes longer than this interval, so the pool detects connections that died in it before it
    // hands them out. A busy connection is not tested each time.
    options.test_before_acquire_if_idle_for(Duration::from_millis(100));
    options
}

fn connect_options(url: &str, connections: u32, acquire_timeout: Duration) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(acquire_timeout)
        .connect_timeout(acquire_timeout)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    options
}

fn sqlite(url: &DatabaseUrl, connections: u32, mode: &str, options: &Options) -> ConnectOptions {
    let lock_timeout = options.lock_timeout;
    let separator = if url.as_str().contains('?') { '&' } else { '?' };
    let url = format!("{}{separator}mode={mode}", url.as_str());
    let mut options = connect_options(&url, connections, options.acquire_timeout);
    let writes = mode != "ro";
    let creates = mode == "rwc";
    // After some errors, such as a full disk, SQLite rolls back by itself. The driver's own ROLLBACK then fails, and the
    // driver assumes an open transaction forever: the next one would be a savepoint that commits nothing.
    options.map_sqlx_sqlite_before_acquire(|connection, _| {
        let is_sound = !connection.is_in_transaction();
        Box::pin(async move { Ok(is_sound) })
    });
    options.map_sqlx_sqlite_opts(move |options| {
        if creates {
            // If this fails, opening the file reports the reason.
            let _ = create_private_file(options.get_filename());
        }
        let options = options.foreign_keys(true).busy_timeout(lock_timeout).statement_cache_capacity(256);
        // FULL: an acknowledged commit survives a power failure, in WAL mode too.
        if writes { options.pragma("journal_mode", "WAL").pragma("synchronous", "FULL") } else { options }
    });
    options
}
