use std::fmt;

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, error::DatabaseError, postgres::PgDatabaseError},
};

/// What a database said, as far as it can be logged. Its own words hold values (`Key (email)=(ann@example.org)`, `invalid
/// input syntax for type date: "…"`), so what is told of it is what it calls the error, and what names the place.
pub(crate) struct RedactedError<'a>(pub(crate) &'a DbErr);

/// The classes of PostgreSQL's errors whose words are about connections, rights, locks, the schema and the machine, and
/// hold no values. Those of data (22), of what somebody raised (P0) and the rest may.
const WITHOUT_VALUES: [&str; 11] = ["08", "0A", "25", "28", "3D", "40", "42", "53", "54", "55", "57"];

impl fmt::Display for RedactedError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            DbErr::Conn(RuntimeErr::SqlxError(cause)) => write!(f, "connection: {}", RedactedDriverError(cause)),
            DbErr::Exec(RuntimeErr::SqlxError(cause)) => write!(f, "statement: {}", RedactedDriverError(cause)),
            DbErr::Query(RuntimeErr::SqlxError(cause)) => write!(f, "query: {}", RedactedDriverError(cause)),
            DbErr::ConnectionAcquire(why) => write!(f, "connection: {why}"),
            DbErr::TryIntoErr { from, into, .. } => write!(f, "{from} is read as {into}, and is none"),
            // Ours, or about migrations.
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

/// The same of an error of the driver.
pub(crate) struct RedactedDriverError<'a>(pub(crate) &'a sqlx::Error);

impl fmt::Display for RedactedDriverError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            sqlx::Error::Database(said) => database(said.as_ref(), f),
            sqlx::Error::Io(why) => write!(f, "{why}"),
            sqlx::Error::Tls(why) => write!(f, "TLS: {why}"),
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

fn database(said: &dyn DatabaseError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let code = said.code().unwrap_or_default();
    let Some(said) = said.try_downcast_ref::<PgDatabaseError>() else {
        // SQLite names columns and constraints, and never what is in them.
        return write!(f, "{code} {}", said.message());
    };
    f.write_str(&code)?;
    if WITHOUT_VALUES.iter().any(|class| code.starts_with(class)) {
        write!(f, " {}", said.message())?;
    }
    for (what, name) in [("table", said.table()), ("column", said.column()), ("constraint", said.constraint())] {
        name.map_or(Ok(()), |name| write!(f, ", {what} {name}"))?;
    }
    Ok(())
}

/// The name of a variant, without what is in it.
fn kind(error: &dyn fmt::Debug) -> String {
    format!("{error:?}").chars().take_while(|letter| letter.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_hold_a_value_is_not_told() {
        let marker = || "ann@example.org".to_owned();
        let driver = |error| DbErr::Query(RuntimeErr::SqlxError(std::sync::Arc::new(error)));
        let source = || Box::<dyn std::error::Error + Send + Sync>::from(marker());
        for (error, told) in [
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
            assert_eq!(RedactedError(&error).to_string(), told);
        }
    }
}
