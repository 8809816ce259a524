//! Connections: SQLite with one writer and a pool of readers, PostgreSQL with one pool for both.

use std::{
    fmt, fs::OpenOptions, io, os::unix::fs::OpenOptionsExt, path::Path, str::FromStr, sync::Arc, time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbBackend, DbErr,
    sqlx::{Connection, postgres::PgConnectOptions, sqlite::SqliteConnectOptions},
};

use crate::{Options, RanStatement, database::probe, error::of_connecting, metrics::Statements};

/// Where the database is: `sqlite:<file>` or `postgres://…`.
#[derive(Clone, Eq, PartialEq)]
pub struct DatabaseUrl {
    url: String,
    backend: DbBackend,
}

/// Why a text is not a [`DatabaseUrl`]. It does not repeat the text, which may hold a password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DatabaseUrlInvalid {
    /// It begins like no database that is known.
    Scheme,
    /// It names no file.
    NoFile,
    /// It asks for a database in memory, of which every connection would have one of its own.
    InMemory,
    /// It sets what Atelier sets itself.
    Mode,
    /// What follows the scheme cannot be read.
    Malformed,
}

impl fmt::Display for DatabaseUrlInvalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "a database URL begins with `sqlite:` (a file follows) or with `postgres://`",
            Self::NoFile => "the name of a file follows `sqlite:`",
            Self::InMemory => "a database in memory is not supported; name a file",
            Self::Mode => "`mode` is set by Atelier itself",
            Self::Malformed => "what follows the scheme is not a valid database URL",
        })
    }
}

impl std::error::Error for DatabaseUrlInvalid {}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlInvalid;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlInvalid> {
        let (scheme, rest) = text.split_once(':').ok_or(DatabaseUrlInvalid::Scheme)?;
        // The texts of the errors repeat what they could not read.
        let malformed = |_| DatabaseUrlInvalid::Malformed;
        let backend = match scheme {
            "sqlite" => {
                let (file, parameters) = rest.split_once('?').unwrap_or((rest, ""));
                if file.trim_start_matches('/').is_empty() {
                    return Err(DatabaseUrlInvalid::NoFile);
                }
                if file.contains(":memory:") || parameters.contains("mode=memory") {
                    return Err(DatabaseUrlInvalid::InMemory);
                }
                if parameters.split('&').any(|parameter| parameter.starts_with("mode=")) {
                    return Err(DatabaseUrlInvalid::Mode);
                }
                SqliteConnectOptions::from_str(text).map_err(malformed)?;
                DbBackend::Sqlite
            }
            "postgres" | "postgresql" if rest.starts_with("//") => {
                PgConnectOptions::from_str(text).map_err(malformed)?;
                DbBackend::Postgres
            }
            _ => return Err(DatabaseUrlInvalid::Scheme),
        };
        Ok(Self { url: text.to_owned(), backend })
    }
}

impl DatabaseUrl {
    /// The SQLite database in this file.
    pub fn sqlite_file(file: &std::path::Path) -> Self {
        Self { url: format!("sqlite:{}", file.display()), backend: DbBackend::Sqlite }
    }

    /// How to connect to a PostgreSQL beside the pool, under a name that it shows.
    pub(crate) fn postgres(&self, name: &str) -> Result<PgConnectOptions, DbErr> {
        let options = PgConnectOptions::from_str(&self.url).map_err(of_connecting)?;
        Ok(options.application_name(name))
    }

    /// The name of the database system, for people.
    pub fn system(&self) -> &'static str {
        match self.backend {
            DbBackend::Postgres => "PostgreSQL",
            _ => "SQLite",
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DatabaseUrl").field(&self.system()).finish()
    }
}

/// The connections of a store.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    pub(crate) write: DatabaseConnection,
    pub(crate) read: DatabaseConnection,
}

/// Hears of every statement: its text, how long it took, and whether it failed.
pub(crate) type QueryObserver = Arc<dyn Fn(&str, Duration, bool) + Send + Sync>;

pub(crate) async fn connect(url: &DatabaseUrl, options: &Options, heard: &QueryObserver) -> Result<Connections, DbErr> {
    let Connections { mut write, mut read } = pools(url, options).await?;
    for pool in [&mut write, &mut read] {
        tell(heard.clone(), pool);
    }
    Ok(Connections { write, read })
}

/// Lets somebody hear of what is run here.
fn tell(heard: QueryObserver, pool: &mut DatabaseConnection) {
    pool.set_metric_callback(move |info| heard(&info.statement.sql, info.elapsed, info.failed));
}

/// What the lanes write with: on PostgreSQL connections of their own, so many as there are lanes; on SQLite the one that
/// everybody writes with.
pub(crate) fn for_lanes(
    connections: &Connections,
    url: &DatabaseUrl,
    options: &Options,
    heard: &QueryObserver,
) -> BoxFuture<'static, Result<DatabaseConnection, DbErr>> {
    let (write, heard) = (connections.write.clone(), heard.clone());
    let options = (url.backend == DbBackend::Postgres).then(|| postgres(url, options.share_of_lanes(), options));
    async move {
        let Some(options) = options else { return Ok(write) };
        let mut db = Database::connect(options).await?;
        tell(heard, &mut db);
        Ok(db)
    }
    .boxed()
}

/// Counts every statement, and tells whoever else wants to hear of it.
pub(crate) fn hear(options: &Options, statements: &Statements) -> QueryObserver {
    let (observer, statements) = (options.observer.clone(), statements.clone());
    Arc::new(move |text, elapsed, failed| {
        statements.note(text, elapsed, failed);
        if let Some(observer) = &observer {
            observer(RanStatement { text, elapsed, failed });
        }
    })
}

async fn pools(url: &DatabaseUrl, options: &Options) -> Result<Connections, DbErr> {
    match url.backend {
        DbBackend::Postgres => {
            probe::until_there(url, options.acquire_timeout).await?;
            let rest = options.connections.saturating_sub(options.share_of_lanes());
            let pool = Database::connect(postgres(url, rest, options)).await?;
            Ok(Connections { write: pool.clone(), read: pool })
        }
        _ => {
            // The writer comes first: it makes the file and switches it to WAL.
            let write = Database::connect(sqlite(url, 1, if options.create { "rwc" } else { "rw" }, options)).await?;
            let read = Database::connect(sqlite(url, options.connections.max(1), "ro", options)).await?;
            Ok(Connections { write, read })
        }
    }
}

/// Makes the file of a database, for it holds what is known of people: no other account of the machine reads it. What
/// stands beside it has the same mode.
pub(crate) fn make_for_us_alone(file: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map(drop)
}

fn postgres(url: &DatabaseUrl, connections: u32, options: &Options) -> ConnectOptions {
    let lock_timeout = format!("{}ms", options.lock_timeout.as_millis());
    let mut options = connect_options(url, connections.max(1), options.acquire_timeout);
    options.set_application_name("atelier");
    options.map_sqlx_postgres_opts(move |options| {
        options.options([
            // Nobody waits for a lock, or for an answer, longer than a client waits for the server.
            ("lock_timeout", &*lock_timeout),
            ("statement_timeout", "30s"),
            // What is asked for all the time is in memory, or on a disk that does not turn: rows by their keys cost little
            // more than in a row, and PostgreSQL's 4 makes it read thousands instead.
            ("random_page_cost", "1.1"),
            // A server that is frozen, or whose machine is gone, in the middle of a transaction loses what it
            // holds, before the others who want it lose acquire_timeout. A healthy one is never idle there: it decides
            // in milliseconds. The second is for when it does not even take the answer to a statement.
            ("idle_in_transaction_session_timeout", "5s"),
            ("tcp_user_timeout", "5s"),
        ])
    });
    // PostgreSQL takes longer than that to start again: what died with it is found before it is handed out. A
    // busy connection is not asked each time.
    options.test_before_acquire_if_idle_for(Duration::from_millis(100));
    options
}

fn connect_options(url: &DatabaseUrl, connections: u32, acquire_timeout: Duration) -> ConnectOptions {
    let mut options = ConnectOptions::new(&url.url);
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
    let acquire_timeout = options.lock_timeout;
    let separator = if url.url.contains('?') { '&' } else { '?' };
    let url = DatabaseUrl { url: format!("{}{separator}mode={mode}", url.url), backend: url.backend };
    let mut options = connect_options(&url, connections, options.acquire_timeout);
    let writes = mode != "ro";
    let makes = mode == "rwc";
    // After some errors, as that of a full disk, SQLite has rolled back by itself, and the driver, whose ROLLBACK is then
    // refused, believes in a transaction for ever: what was begun next would be a savepoint that commits nothing.
    options.map_sqlx_sqlite_before_acquire(|connection, _| {
        let is_sound = !connection.is_in_transaction();
        Box::pin(async move { Ok(is_sound) })
    });
    options.map_sqlx_sqlite_opts(move |options| {
        if makes {
            // Where that is not possible, opening it says why.
            let _ = make_for_us_alone(options.get_filename());
        }
        let options = options.foreign_keys(true).busy_timeout(acquire_timeout).statement_cache_capacity(256);
        // FULL: an acknowledged commit survives the loss of power, in WAL mode too.
        if writes { options.pragma("journal_mode", "WAL").pragma("synchronous", "FULL") } else { options }
    });
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_file_or_a_server() {
        for good in [
            "sqlite:a.db",
            "sqlite:///tmp/a.db",
            "sqlite:a.db?cache=private",
            "postgres://u:p@h:1/d",
            "postgresql://h/d",
        ] {
            assert!(good.parse::<DatabaseUrl>().is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", DatabaseUrlInvalid::Scheme),
            ("a.db", DatabaseUrlInvalid::Scheme),
            ("mysql://h/d", DatabaseUrlInvalid::Scheme),
            ("postgres:h/d", DatabaseUrlInvalid::Scheme),
            ("sqlite:", DatabaseUrlInvalid::NoFile),
            ("sqlite://", DatabaseUrlInvalid::NoFile),
            ("sqlite::memory:", DatabaseUrlInvalid::InMemory),
            ("sqlite:a?mode=memory", DatabaseUrlInvalid::InMemory),
            ("sqlite:a?mode=ro", DatabaseUrlInvalid::Mode),
            ("sqlite:a?nonsense=1", DatabaseUrlInvalid::Malformed),
            ("postgres://u:secret@h:port/d", DatabaseUrlInvalid::Malformed),
            ("postgres://h/d?sslmode=nonsense", DatabaseUrlInvalid::Malformed),
        ] {
            assert_eq!(bad.parse::<DatabaseUrl>().err(), Some(why), "{bad}");
            assert!(!why.to_string().contains("secret"));
        }
    }
}
