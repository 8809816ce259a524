use std::{borrow::Cow, fmt};

use sea_orm::{DbErr, RuntimeErr, sqlx};

use crate::database::redacted_error::RedactedError;

/// The machine broke, or a row contradicts the domain. Never a refusal.
///
/// It implements `Debug` for the log, where no value may stand that somebody entered, and deliberately not `Display`, so
/// that `?` cannot carry it into an answer.
pub enum StoreError {
    /// The database did not do what it was asked.
    Database(DbErr),
    /// A row holds what no rule could have written.
    Corrupt {
        /// What was read, for example "a registration status".
        what: &'static str,
        /// Why it cannot be. It is logged: numbers, ids and our own words, never what a person wrote.
        why: String,
    },
    /// A statement touched another number of rows than the decision called for.
    UnexpectedRows {
        /// What the rows are.
        what: &'static str,
        /// How many it should have been.
        expected: u64,
        /// How many it was.
        found: u64,
    },
    /// Others wrote between the first and the last lock of a transaction, time and again.
    OrderingConflict,
    /// The system gave no random bytes.
    NoRandomness(getrandom::Error),
    /// A rule panicked.
    Panicked,
    /// The database cannot be reached, or is kept busy by somebody else; it can be asked again.
    Unavailable(Option<DbErr>),
    /// The connection was lost when a commit had been sent: nobody knows whether it was made.
    InDoubt(DbErr),
    /// A queue is full; the command was not looked at and can be sent again.
    Overloaded,
    /// The server is stopping; the command was not looked at and can be sent to another one.
    Stopping,
}

impl StoreError {
    /// What to tell an operator. Not for clients.
    pub fn for_operators(&self) -> String {
        match self {
            Self::Database(error) | Self::Unavailable(Some(error)) | Self::InDoubt(error) => {
                RedactedError(error).to_string()
            }
            fault => format!("{fault:?}"),
        }
    }

    /// Whether nothing else can succeed now: the database is out of reach, and it is not one thing in it that is held.
    pub(crate) fn is_database_gone(&self) -> bool {
        match self {
            Self::Unavailable(cause) => {
                let code = cause.as_ref().and_then(code);
                !code.is_some_and(|code| matches!(&*code, "55P03" | "57014") || is_taken_back(&code))
            }
            Self::InDoubt(_) => true,
            _ => false,
        }
    }

    /// Whether there is no connection to be had: whoever else wants one can be told so without waiting for it.
    pub(crate) fn is_out_of_reach(&self) -> bool {
        matches!(self, Self::Unavailable(Some(DbErr::ConnectionAcquire(_) | DbErr::Conn(_))))
    }

    /// Whether a connection that there was turned out to be lost. What had been sent on it, short of a commit, came to
    /// nothing.
    pub(crate) fn is_lost_connection(&self) -> bool {
        matches!(self, Self::Unavailable(Some(cause)) if is_lost_connection(cause))
    }

    /// What came of a commit.
    pub(crate) fn of_commit(error: DbErr) -> Self {
        if is_refusal(&error) { error.into() } else { Self::InDoubt(error) }
    }

    /// Whether the transaction was ended for the sake of another one, and can be begun again.
    pub(crate) fn is_taken_back(&self) -> bool {
        matches!(self, Self::Unavailable(Some(cause)) if code(cause).is_some_and(|code| is_taken_back(&code)))
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "Database({})", RedactedError(error)),
            Self::Unavailable(Some(error)) => write!(f, "Unavailable({})", RedactedError(error)),
            Self::Unavailable(None) => f.write_str("Unavailable"),
            Self::InDoubt(error) => write!(f, "InDoubt({})", RedactedError(error)),
            Self::Corrupt { what, why } => write!(f, "Corrupt({what}: {why})"),
            Self::UnexpectedRows { what, expected, found } => {
                write!(f, "UnexpectedRows({what}: {found} instead of {expected})")
            }
            Self::OrderingConflict => f.write_str("OrderingConflict"),
            Self::NoRandomness(error) => write!(f, "NoRandomness({error})"),
            Self::Panicked => f.write_str("Panicked"),
            Self::Overloaded => f.write_str("Overloaded"),
            Self::Stopping => f.write_str("Stopping"),
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if is_passing(&error) { Self::Unavailable(Some(error)) } else { Self::Database(error) }
    }
}

/// Whether the database is out of reach or busy, and nothing is wrong with what it was asked.
fn is_passing(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        error => match cause(error) {
            Some(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed) => true,
            _ => code(error).is_some_and(|code| is_passing_code(&code)),
        },
    }
}

/// Whether the connection broke, or the database ended it.
pub(crate) fn is_lost_connection(error: &DbErr) -> bool {
    match cause(error) {
        Some(sqlx::Error::Io(_)) => true,
        _ => code(error).is_some_and(|code| matches!(&*code, "57P01" | "57P02") || is_broken(&code)),
    }
}

/// What the driver said of connecting, as sea-orm has it.
pub(crate) fn of_connecting(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

/// What the driver said of a query, as sea-orm has it.
pub(crate) fn of_query(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

fn cause(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}

/// Whether it was the database that refused, so that nothing was written. Otherwise it may have done what it was asked.
fn is_refusal(error: &DbErr) -> bool {
    code(error).is_some() && !is_lost_connection(error)
}

/// What the database calls it.
fn code(error: &DbErr) -> Option<Cow<'_, str>> {
    cause(error)?.as_database_error()?.code()
}

fn is_passing_code(code: &str) -> bool {
    match code {
        // PostgreSQL: a lock or a statement that took too long; a shutdown, a crash, a start; a standby that takes over.
        // SQLite: busy, as such and in its extended forms; the disk is full.
        "55P03" | "57014" | "57P01" | "57P02" | "57P03" | "25006" | "5" | "261" | "517" | "773" | "13" => true,
        // PostgreSQL: there is no connection, no memory or no room on a disk to be had.
        _ => is_taken_back(code) || is_broken(code) || code.len() == 5 && code.starts_with("53"),
    }
}

/// PostgreSQL: the connection broke.
fn is_broken(code: &str) -> bool {
    code.len() == 5 && code.starts_with("08")
}

/// PostgreSQL: a deadlock or a serialization failure; a server that did nothing for too long, for it stood still.
fn is_taken_back(code: &str) -> bool {
    code.len() == 5 && code.starts_with("40") || code == "25P03"
}

pub(crate) fn ensure_rows(what: &'static str, expected: usize, found: u64) -> Result<(), StoreError> {
    let expected = expected as u64;
    if found == expected { Ok(()) } else { Err(StoreError::UnexpectedRows { what, expected, found }) }
}
