use std::{borrow::Cow, fmt, io::ErrorKind};

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};

use crate::database::redacted_error::RedactedError;

/// A failure of the machine, or a row that contradicts the domain. Never a refusal.
///
/// It implements `Debug` for the log, without any value that a client entered. It deliberately does not implement
/// `Display`, so `?` cannot carry it into a response.
pub enum StoreError {
    /// The database rejected a statement or failed to run it.
    Database(DbErr),
    /// A row contains a value that no rule can have written.
    Corrupt {
        /// The value, for example "a registration status".
        subject: &'static str,
        /// Why the value is impossible. It is logged: numbers, ids and our own words, never text that a client entered.
        detail: String,
    },
    /// A statement affected another number of rows than the decision requires.
    UnexpectedRows {
        /// The kind of row.
        subject: &'static str,
        /// The required number of rows.
        expected: u64,
        /// The number of rows that the statement affected.
        affected: u64,
    },
    /// Other transactions wrote between the first and the last lock of this one, in every attempt.
    OrderingConflict,
    /// The operating system returned no random bytes.
    RandomnessUnavailable(getrandom::Error),
    /// The account of the database lacks a permission on the schema. The text is for operators.
    NoPermission(String),
    /// The database has this migration of a newer version, which this version can neither apply nor revert.
    NewerSchema(String),
    /// A rule panicked.
    Panicked,
    /// The database is unreachable, or another transaction blocks this one. The operation can be retried.
    Unavailable(Option<DbErr>),
    /// Another transaction holds a row and did not release it in time. The operation changed nothing and can be retried.
    Held,
    /// The connection was lost after the commit was sent: the transaction may or may not be committed.
    InDoubt(DbErr),
    /// A queue is full. The command was not examined and can be sent again.
    Overloaded,
    /// The server is shutting down. The command was not examined and can be sent to another server.
    Stopping,
}

impl StoreError {
    pub(crate) fn corrupt(subject: &'static str, detail: impl Into<String>) -> Self {
        Self::Corrupt { subject, detail: detail.into() }
    }

    /// A description for operators, without values. Not for clients.
    pub fn operator_message(&self) -> String {
        match self {
            Self::Database(error) | Self::Unavailable(Some(error)) | Self::InDoubt(error) => {
                RedactedError(error).to_string()
            }
            Self::NoPermission(message) => message.clone(),
            Self::NewerSchema(name) => {
                format!("the database has the migration {name} of a newer version of Atelier; use that version")
            }
            fault => format!("{fault:?}"),
        }
    }

    /// Whether the whole database is unavailable, not just one locked row in it.
    pub(crate) fn is_database_unavailable(&self) -> bool {
        match self {
            Self::Unavailable(cause) => {
                let code = cause.as_ref().and_then(error_code);
                !code.is_some_and(|code| is_wait_timeout_code(&code) || is_rollback_code(&code))
            }
            Self::InDoubt(_) => true,
            _ => false,
        }
    }

    /// Whether no connection is available, so that other operations need not wait for one.
    pub(crate) fn is_connection_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(Some(DbErr::ConnectionAcquire(_) | DbErr::Conn(_))))
    }

    /// Whether an established connection was lost. Everything sent on it before a commit has no effect.
    pub(crate) fn is_lost_connection(&self) -> bool {
        matches!(self, Self::Unavailable(Some(cause)) if is_lost_connection(cause))
    }

    /// The fault of a failed commit: the error itself if the database rejected the commit, otherwise [`Self::InDoubt`].
    pub(crate) fn from_commit_error(error: DbErr) -> Self {
        if is_rejected(&error) { error.into() } else { Self::InDoubt(error) }
    }

    /// Whether another transaction did not release a lock in time.
    pub(crate) fn is_lock_timeout(&self) -> bool {
        matches!(self, Self::Unavailable(Some(cause)) if error_code(cause).is_some_and(|code| code == LOCK_TIMEOUT))
    }

    /// Whether the database rolled the transaction back in favor of another one, so that it can be retried.
    pub(crate) fn is_rolled_back(&self) -> bool {
        matches!(self, Self::Unavailable(Some(cause)) if error_code(cause).is_some_and(|code| is_rollback_code(&code)))
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "Database({})", RedactedError(error)),
            Self::Unavailable(Some(error)) => write!(f, "Unavailable({})", RedactedError(error)),
            Self::Unavailable(None) => f.write_str("Unavailable"),
            Self::InDoubt(error) => write!(f, "InDoubt({})", RedactedError(error)),
            Self::Corrupt { subject, detail } => write!(f, "Corrupt({subject}: {detail})"),
            Self::UnexpectedRows { subject, expected, affected } => {
                write!(f, "UnexpectedRows({subject}: {affected} instead of {expected})")
            }
            Self::OrderingConflict => f.write_str("OrderingConflict"),
            Self::RandomnessUnavailable(error) => write!(f, "RandomnessUnavailable({error})"),
            Self::NoPermission(message) => write!(f, "NoPermission({message})"),
            Self::NewerSchema(name) => write!(f, "NewerSchema({name})"),
            Self::Panicked => f.write_str("Panicked"),
            Self::Held => f.write_str("Held"),
            Self::Overloaded => f.write_str("Overloaded"),
            Self::Stopping => f.write_str("Stopping"),
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if is_transient(&error) { Self::Unavailable(Some(error)) } else { Self::Database(error) }
    }
}

/// Whether the database is unreachable or busy, and the statement itself is valid.
fn is_transient(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        error => match driver_error(error) {
            Some(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed) => true,
            _ => error_code(error).is_some_and(|code| is_transient_code(&code)),
        },
    }
}

/// Whether a lock was not released in time, or the statement that waited for it took too long.
pub(crate) fn is_wait_timeout(error: &DbErr) -> bool {
    error_code(error).is_some_and(|code| is_wait_timeout_code(&code))
}

/// Whether the connection broke, or the database closed it.
pub(crate) fn is_lost_connection(error: &DbErr) -> bool {
    match driver_error(error) {
        Some(sqlx::Error::Io(_)) => true,
        _ => {
            error_code(error).is_some_and(|code| matches!(&*code, "57P01" | "57P02") || is_connection_exception(&code))
        }
    }
}

/// Whether a database is starting, stopping, or out of reach, so that a server that starts has to wait for it.
pub(crate) fn is_not_ready(error: &DbErr) -> bool {
    let error = match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => return true,
        DbErr::Conn(RuntimeErr::SqlxError(cause)) => match &**cause {
            // The driver's error if a proxy accepts a connection and closes it.
            sqlx::Error::Protocol(_) => return true,
            cause => cause,
        },
        error => match driver_error(error) {
            Some(cause) => cause,
            None => return false,
        },
    };
    match error {
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_transient_code(&code)),
        // Such as a refused, reset or closed connection, and a name that is not known yet.
        sqlx::Error::Io(error) => !matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::InvalidInput),
        _ => false,
    }
}

/// Wraps a driver's error of connecting, as sea-orm does.
pub(crate) fn connect_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

/// Wraps a driver's error of a query, as sea-orm does.
pub(crate) fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

fn driver_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}

/// Whether the database itself rejected the statement, so that nothing was written. Otherwise it can have taken effect.
fn is_rejected(error: &DbErr) -> bool {
    error_code(error).is_some() && !is_lost_connection(error)
}

/// The code of the database's error: an SQLSTATE, or an SQLite result code.
fn error_code(error: &DbErr) -> Option<Cow<'_, str>> {
    driver_error(error)?.as_database_error()?.code()
}

fn is_transient_code(code: &str) -> bool {
    match code {
        // PostgreSQL: a shutdown, a crash, a start; a standby that takes over.
        // SQLite: busy, in its plain and extended forms; the disk is full.
        "57P01" | "57P02" | "57P03" | "25006" | "5" | "261" | "517" | "773" | "13" => true,
        // PostgreSQL: out of connections, memory or disk space (class 53).
        _ => {
            is_wait_timeout_code(code)
                || is_rollback_code(code)
                || is_connection_exception(code)
                || code.len() == 5 && code.starts_with("53")
        }
    }
}

/// PostgreSQL: a lock timeout.
const LOCK_TIMEOUT: &str = "55P03";

/// PostgreSQL: a lock or statement timeout.
fn is_wait_timeout_code(code: &str) -> bool {
    matches!(code, LOCK_TIMEOUT | "57014")
}

/// PostgreSQL: a connection exception (class 08).
fn is_connection_exception(code: &str) -> bool {
    code.len() == 5 && code.starts_with("08")
}

/// PostgreSQL: a deadlock or serialization failure (class 40), or a transaction that idled too long on a stalled server.
fn is_rollback_code(code: &str) -> bool {
    code.len() == 5 && code.starts_with("40") || code == "25P03"
}

/// Returns a fault if a statement affected another number of rows than expected.
pub(crate) fn ensure_rows(subject: &'static str, expected: usize, affected: u64) -> Result<(), StoreError> {
    let expected = expected as u64;
    if affected == expected { Ok(()) } else { Err(StoreError::UnexpectedRows { subject, expected, affected }) }
}
