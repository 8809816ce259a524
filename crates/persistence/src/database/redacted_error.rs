use std::fmt;

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, error::DatabaseError, postgres::PgDatabaseError},
};

/// A database error as far as it can be logged. The database's own messages contain values (`Key
/// (email)=(ann@example.org)`, `invalid input syntax for type date: "…"`), so only the error's code and the names of
/// table, column and constraint are shown.
pub(crate) struct RedactedError<'a>(pub(crate) &'a DbErr);

/// The classes of PostgreSQL's errors whose messages are about connections, permissions, locks, the schema and the machine,
/// and contain no values. Messages about data (22), of raised exceptions (P0) and of the other classes can contain values.
const CLASSES_WITHOUT_VALUES: [&str; 11] = ["08", "0A", "25", "28", "3D", "40", "42", "53", "54", "55", "57"];

impl fmt::Display for RedactedError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            DbErr::Conn(RuntimeErr::SqlxError(cause)) => write!(f, "connection: {}", RedactedDriverError(cause)),
            DbErr::Exec(RuntimeErr::SqlxError(cause)) => write!(f, "statement: {}", RedactedDriverError(cause)),
            DbErr::Query(RuntimeErr::SqlxError(cause)) => write!(f, "query: {}", RedactedDriverError(cause)),
            DbErr::ConnectionAcquire(why) => write!(f, "connection: {why}"),
            DbErr::TryIntoErr { from, into, .. } => write!(f, "{from} cannot be read as {into}"),
            // Our own messages, or those of migrations.
            DbErr::Custom(text) | DbErr::Migration(text) => f.write_str(text),
            other => f.write_str(&kind(other)),
        }
    }
}

impl fmt::Debug for RedactedError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The same for an error of the driver.
pub(crate) struct RedactedDriverError<'a>(pub(crate) &'a sqlx::Error);

impl fmt::Display for RedactedDriverError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            sqlx::Error::Database(error) => database_error(error.as_ref(), f),
            sqlx::Error::Io(error) => write!(f, "{error}"),
            sqlx::Error::Tls(error) => write!(f, "TLS: {error}"),
            sqlx::Error::ColumnDecode { index, .. } => write!(f, "column {index} cannot be read"),
            plain @ (sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::RowNotFound
            | sqlx::Error::ColumnNotFound(_)) => write!(f, "{plain}"),
            other => f.write_str(&kind(other)),
        }
    }
}

impl fmt::Debug for RedactedDriverError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn database_error(error: &dyn DatabaseError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let code = error.code().unwrap_or_default();
    let Some(error) = error.try_downcast_ref::<PgDatabaseError>() else {
        // SQLite names columns and constraints, never their values.
        return write!(f, "{code} {}", error.message());
    };
    f.write_str(&code)?;
    if CLASSES_WITHOUT_VALUES.iter().any(|class| code.starts_with(class)) {
        write!(f, " {}", error.message())?;
    }
    for (kind, name) in [("table", error.table()), ("column", error.column()), ("constraint", error.constraint())] {
        name.map_or(Ok(()), |name| write!(f, ", {kind} {name}"))?;
    }
    Ok(())
}

/// The name of a variant, without its contents.
fn kind(error: &dyn fmt::Debug) -> String {
    format!("{error:?}").chars().take_while(|letter| letter.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_logged_without_values() {
        let marker = || "ann@example.org".to_owned();
        let driver = |error| DbErr::Query(RuntimeErr::SqlxError(std::sync::Arc::new(error)));
        let source = || Box::<dyn std::error::Error + Send + Sync>::from(marker());
        for (error, expected) in [
            (DbErr::Type(marker()), "Type"),
            (DbErr::Json(marker()), "Json"),
            (DbErr::RecordNotFound(marker()), "RecordNotFound"),
            (DbErr::Conn(RuntimeErr::Internal(marker())), "Conn"),
            (driver(sqlx::Error::Protocol(marker())), "query: Protocol"),
            (driver(sqlx::Error::Decode(source())), "query: Decode"),
            (driver(sqlx::Error::Configuration(source())), "query: Configuration"),
            (
                driver(sqlx::Error::ColumnDecode { index: "3".to_owned(), source: source() }),
                "query: column 3 cannot be read",
            ),
        ] {
            assert_eq!(RedactedError(&error).to_string(), expected);
        }
    }
}
