//! Repairs derived data, and nothing else: a wrong registration or journal entry needs the judgment of an operator.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, sea_query::ArrayType};
use uuid::Uuid;

use super::{
    counters::{COUNTERS, Counter, CounterScope},
    lift_statement_timeout,
};
use crate::{
    Store, StoreError,
    database::transaction,
    rows::row_set::{Column, RowSet, column},
    search::{self, Compared},
};

impl Store {
    /// Sets every wrong counter, sort key and set of search words to its derived value. Returns how many it set.
    ///
    /// The counter of an oversold workshop or track stays: the database accepts no counter above the capacity.
    pub async fn repair(&self) -> Result<u64, StoreError> {
        let tx = transaction::begin(&self.write).await?;
        lift_statement_timeout(&tx).await?;
        let locked = lock_workshops(&tx).await?;
        let mut repaired = 0;
        for counter in &COUNTERS {
            repaired += counter.repair(&tx, &locked).await?;
        }
        tx.commit().await?;
        Ok(repaired + search::rebuild_stale(&self.write, Compared::All).await?)
    }
}

/// Locks the workshops that have a wrong counter, and no others: those continue to accept registrations.
async fn lock_workshops(db: &impl ConnectionTrait) -> Result<Vec<Uuid>, DbErr> {
    let wrong = COUNTERS.each_ref().map(|counter| {
        let mismatches = counter.mismatches(CounterScope::All);
        format!("SELECT workshop_id FROM ({mismatches}) AS mismatches")
    });
    // SQLite's write transaction locks the whole database.
    let lock = if db.get_database_backend() == DbBackend::Postgres { " FOR NO KEY UPDATE" } else { "" };
    // Ascending, as in the lanes, so that neither waits for the other.
    let sql = format!("SELECT id FROM workshops WHERE id IN ({}) ORDER BY id{lock}", wrong.join(" UNION "));
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}
static ID: [Column; 1] = [column("id", ArrayType::Uuid)];
impl Counter {
    /// Counts again, now that the workshops are locked, and sets the wrong counters.
    async fn repair(&self, db: &impl ConnectionTrait, locked: &[Uuid]) -> Result<u64, DbErr> {
        let (table, column) = (self.table.table, self.column);
        // A row that violates a constraint, before or after, would fail the repair of all others.
        let seats = if self.counts_seats { "mismatches.counted" } else { "seats_taken" };
        let update = format!(
            "UPDATE {table} SET {column} = mismatches.counted FROM ({}) AS mismatches \
             WHERE mismatches.id = {table}.id AND (capacity IS NULL OR {seats} <= capacity)",
            self.mismatches(CounterScope::Rows)
        );
        RowSet::new(&ID, locked.iter().map(|id| [(*id).into()])).execute(db, &update).await
    }
}
