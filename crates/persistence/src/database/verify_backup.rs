//! Checks of a copy before it counts as a backup.

use std::{collections::BTreeMap, path::Path};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, SqlxSqliteConnector, Statement,
    sqlx::{
        ConnectOptions,
        sqlite::{SqliteConnectOptions, SqlitePoolOptions},
    },
};

use super::backup::BackupError;
use crate::error::connect_error;

/// The tables whose rows are never deleted, so that counts before and after a copy bound the count in it.
const GROWING_TABLES: [&str; 6] = ["api_keys", "centers", "guests", "journal", "registrations", "workshops"];

/// The longest part of SQLite's report that a message repeats.
const MAX_FINDINGS: usize = 5;

/// The number of rows of each growing table that a database has.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct RowCounts(BTreeMap<String, i64>);

impl RowCounts {
    pub(super) async fn read(db: &DatabaseConnection) -> Result<Self, DbErr> {
        let names = format!("'{}'", GROWING_TABLES.join("', '"));
        let tables = format!("SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ({names})");
        let tables = texts(db, tables).await?;
        // One statement, so that all counts are of one moment.
        let counts: Vec<_> = tables.iter().map(|name| format!("SELECT '{name}', COUNT(*) FROM {name}")).collect();
        if counts.is_empty() {
            return Ok(Self(BTreeMap::new()));
        }
        let counts = Statement::from_string(DbBackend::Sqlite, counts.join(" UNION ALL "));
        let rows = db.query_all_raw(counts).await?;
        let rows = rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)));
        Ok(Self(rows.collect::<Result<_, DbErr>>()?))
    }

    /// Opens a copy and returns why it is no backup. The counts are those of the database before and after the copy.
    pub(super) async fn find_difference(
        copy: &Path,
        before: &Self,
        after: &Self,
    ) -> Result<Option<String>, BackupError> {
        let difference = async {
            let options = SqliteConnectOptions::new().filename(copy).read_only(true).disable_statement_logging();
            let pool =
                SqlitePoolOptions::new().max_connections(1).connect_with(options).await.map_err(connect_error)?;
            let db = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool);
            let mut report = texts(&db, "PRAGMA integrity_check".to_owned()).await?;
            if report != ["ok"] {
                report.truncate(MAX_FINDINGS);
                return Ok(Some(report.join("; ")));
            }
            let copied = Self::read(&db).await?;
            db.close().await?;
            Ok(copied.difference(before, after))
        };
        difference.await.map_err(|error: DbErr| BackupError::Store(error.into()))
    }

    fn difference(&self, before: &Self, after: &Self) -> Option<String> {
        before.0.iter().find_map(|(table, least)| {
            let most = after.0.get(table).unwrap_or(least);
            match self.0.get(table) {
                None => Some(format!("the table {table} is missing")),
                Some(rows) if rows < least || rows > most => {
                    Some(format!("the table {table} has {rows} rows, and the database {least} to {most}"))
                }
                Some(_) => None,
            }
        })
    }
}

/// The texts in the first column of a query.
async fn texts(db: &DatabaseConnection, sql: String) -> Result<Vec<String>, DbErr> {
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(guests: i64) -> RowCounts {
        RowCounts([("guests".to_owned(), guests), ("journal".to_owned(), 7)].into())
    }

    #[tokio::test]
    async fn an_empty_or_partial_copy_is_no_backup() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty");
        std::fs::write(&empty, "").unwrap();
        let difference = RowCounts::find_difference(&empty, &counts(3), &counts(5)).await.unwrap();
        assert_eq!(difference.as_deref(), Some("the table guests is missing"));
        let nothing = RowCounts(BTreeMap::new());
        assert_eq!(RowCounts::find_difference(&empty, &nothing, &nothing).await.unwrap(), None);
        for (rows, difference) in [
            (2, Some("the table guests has 2 rows, and the database 3 to 5")),
            (3, None),
            (5, None),
            (6, Some("the table guests has 6 rows, and the database 3 to 5")),
        ] {
            assert_eq!(counts(rows).difference(&counts(3), &counts(5)).as_deref(), difference);
        }
    }
}
