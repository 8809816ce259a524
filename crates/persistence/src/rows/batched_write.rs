//! Writes to several tables in one round trip.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{StoreError, error::ensure_rows, rows::row_set::RowSet};

/// Statements over rows, no two of them about the same table. PostgreSQL gets them as one statement, for there each would
/// cost a round trip; SQLite runs one after the other.
#[derive(Default)]
pub(crate) struct BatchedWrite {
    writes: Vec<Write>,
}

struct Write {
    what: &'static str,
    expected: usize,
    rows: RowSet,
    tail: &'static str,
}

impl BatchedWrite {
    /// Adds a statement that has to touch so many rows: see [`RowSet::execute`].
    pub(crate) fn add(&mut self, what: &'static str, expected: usize, rows: RowSet, tail: &'static str) {
        self.writes.push(Write { what, expected, rows, tail });
    }

    /// Runs them. If one touches fewer rows than it has to, or more, that is a fault.
    pub(crate) async fn execute(self, db: &impl ConnectionTrait) -> Result<(), StoreError> {
        match db.get_database_backend() {
            DbBackend::Postgres => self.execute_as_one(db).await,
            _ => {
                for Write { what, expected, rows, tail } in self.writes {
                    ensure_rows(what, expected, rows.execute(db, tail).await?)?;
                }
                Ok(())
            }
        }
    }

    async fn execute_as_one(self, db: &impl ConnectionTrait) -> Result<(), StoreError> {
        let (mut steps, mut counts, mut arrays, mut touched) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for Write { what, expected, rows, tail } in self.writes {
            if rows.len() == 0 {
                ensure_rows(what, expected, 0)?;
                continue;
            }
            let number = steps.len();
            steps.push(format!("step_{number} AS ({} {tail} RETURNING 1)", rows.unnest(&mut arrays)));
            counts.push(format!("(SELECT COUNT(*) FROM step_{number})"));
            touched.push((what, expected));
        }
        if steps.is_empty() {
            return Ok(());
        }
        let sql = format!("WITH {} SELECT {}", steps.join(", "), counts.join(", "));
        let row = db.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, arrays)).await?;
        for (column, (what, expected)) in touched.into_iter().enumerate() {
            let count: Option<i64> = row.as_ref().map(|row| row.try_get_by_index(column)).transpose()?;
            ensure_rows(what, expected, count.unwrap_or_default().cast_unsigned())?;
        }
        Ok(())
    }
}
