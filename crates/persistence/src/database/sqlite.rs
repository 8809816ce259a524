use std::{num::NonZero, path::Path, thread::available_parallelism};

use sea_orm::{
    DatabaseConnection, DbErr, SqlxSqliteConnector,
    sqlx::{
        self, ConnectOptions,
        sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePool, SqlitePoolOptions},
    },
};

use super::{connect::Connections, file};
use crate::{OpenMode, Options, error::connect_error};

/// The readers on a machine with few processors.
const MIN_READERS: u32 = 4;

/// Connects the writer and the readers of a file, or only readers.
pub(super) async fn connect(url: &SqliteConnectOptions, options: &Options) -> Result<Connections, DbErr> {
    let file = file::prepare(url.get_filename(), options.mode).map_err(|error| DbErr::Custom(error.to_string()))?;
    let both = url.clone().filename(&file).foreign_keys(true).busy_timeout(options.lock_timeout);
    let both = both.statement_cache_capacity(256).disable_statement_logging();
    // SQLite works in this process: more readers than processors gain little, and each takes 3 MiB.
    let processors = available_parallelism().map_or(1, NonZero::get);
    let readers = options.connections.min(u32::try_from(2 * processors).unwrap_or(u32::MAX).max(MIN_READERS)).max(1);
    if options.mode == OpenMode::ReadOnly {
        let read = connect_read_only(both.read_only(true), &file, readers, options).await?;
        return Ok(Connections { write: read.clone(), waiting: read.clone(), read });
    }
    // The writer comes first: it switches a new file to WAL. FULL: an acknowledged commit survives a power failure, in WAL
    // mode too.
    let writer = both.clone().pragma("journal_mode", "WAL").pragma("synchronous", "FULL");
    let write = connection(pool(writer, 1, options).await.map_err(connect_error)?);
    let read = connection(pool(both.read_only(true), readers, options).await.map_err(connect_error)?);
    // Nothing waits in a transaction of its own: there is one writer.
    Ok(Connections { waiting: write.clone(), write, read })
}

/// Connects readers that change nothing, not even the folder of the file if it cannot be written.
async fn connect_read_only(
    options: SqliteConnectOptions,
    file: &Path,
    readers: u32,
    store: &Options,
) -> Result<DatabaseConnection, DbErr> {
    let readable = pool(options.clone(), readers, store).await.map_err(connect_error)?;
    // SQLite opens the file at the first read.
    match read_schema(&readable).await {
        Ok(()) => Ok(connection(readable)),
        Err(error) if cannot_write_folder(&error) && !has_log(file) => {
            readable.close().await;
            // A file in WAL mode needs two companion files, and this folder is read-only. Without a log no other process
            // uses the file, so that it can be read without them.
            let immutable = pool(options.immutable(true), readers, store).await.map_err(connect_error)?;
            read_schema(&immutable).await.map_err(connect_error)?;
            Ok(connection(immutable))
        }
        Err(error) => Err(connect_error(error)),
    }
}

async fn read_schema(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("SELECT COUNT(*) FROM sqlite_schema").execute(pool).await.map(drop)
}

/// Whether SQLite could not create a companion file: `SQLITE_CANTOPEN`, or a form of `SQLITE_READONLY`.
fn cannot_write_folder(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 8 | 14))
}

/// Whether a write-ahead log belongs to the file.
fn has_log(file: &Path) -> bool {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    // If in doubt, it does.
    Path::new(&log).try_exists().unwrap_or(true)
}

async fn pool(file: SqliteConnectOptions, connections: u32, options: &Options) -> Result<SqlitePool, sqlx::Error> {
    // After some errors, such as a full disk, SQLite rolls back by itself. The driver's own ROLLBACK then fails, and the
    // driver assumes an open transaction forever: the next one would be a savepoint that commits nothing.
    let is_sound = |connection: &mut SqliteConnection| !sqlx::Connection::is_in_transaction(connection);
    let pool = SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .before_acquire(move |connection, _| {
            let is_sound = is_sound(connection);
            Box::pin(async move { Ok(is_sound) })
        });
    pool.connect_with(file).await
}

fn connection(pool: SqlitePool) -> DatabaseConnection {
    SqlxSqliteConnector::from_sqlx_sqlite_pool(pool)
}
