//! Writes to several tables in one round trip.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{StoreError, error::ensure_rows, rows::row_set::RowSet};

/// Statements over rows, each on a different table. PostgreSQL gets all of them as one statement, because each would cost
/// a round trip. SQLite runs one after the other.
#[derive(Default)]
pub(crate) struct BatchedWrite {
    writes: Vec<Write>,
}

struct Write {
    subject: &'static str,
    expected: usize,
    rows: RowSet,
    statement: &'static str,
}

impl BatchedWrite {
    /// Adds a statement that has to affect exactly `expected` rows: see [`RowSet::execute`].
    pub(crate) fn add(&mut self, subject: &'static str, expected: usize, rows: RowSet, statement: &'static str) {
        self.writes.push(Write { subject, expected, rows, statement });
    }

    /// Runs the statements. If one affects fewer or more rows than expected, that is a fault.
    pub(crate) async fn execute(self, db: &impl ConnectionTrait) -> Result<(), StoreError> {
        match db.get_database_backend() {
            DbBackend::Postgres => self.execute_as_one(db).await,
            _ => {
                for Write { subject, expected, rows, statement } in self.writes {
                    ensure_rows(subject, expected, rows.execute(db, statement).await?)?;
                }
                Ok(())
            }
        }
    }

    async fn execute_as_one(self, db: &impl ConnectionTrait) -> Result<(), StoreError> {
        let (mut steps, mut counts, mut arrays, mut expectations) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for Write { subject, expected, rows, statement } in self.writes {
            if rows.len() == 0 {
                ensure_rows(subject, expected, 0)?;
                continue;
            }
            let number = steps.len();
            steps.push(format!("step_{number} AS ({} {statement} RETURNING 1)", rows.unnest(&mut arrays)));
            counts.push(format!("(SELECT COUNT(*) FROM step_{number})"));
            expectations.push((subject, expected));
        }
        if steps.is_empty() {
            return Ok(());
        }
        let sql = format!("WITH {} SELECT {}", steps.join(", "), counts.join(", "));
        let row = db.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, arrays)).await?;
        for (column, (subject, expected)) in expectations.into_iter().enumerate() {
            let count: Option<i64> = row.as_ref().map(|row| row.try_get_by_index(column)).transpose()?;
            ensure_rows(subject, expected, count.unwrap_or_default().cast_unsigned())?;
        }
        Ok(())
    }
}
