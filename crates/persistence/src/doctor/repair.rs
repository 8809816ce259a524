//! Mends what is derived, and nothing else: a registration or a journal entry that is wrong is for people to judge.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, sea_query::ArrayType};
use uuid::Uuid;

use super::{
    counters::{COUNTERS, Counter, Of},
    search, take_time,
};
use crate::{
    Store, StoreError,
    database::transaction,
    rows::row_set::{self, RowSet},
};

impl Store {
    /// Sets every counter that disagrees with the rows to what the rows say, and likewise what things are ordered and
    /// found by; returns how many it set.
    ///
    /// Left alone are the seats of a workshop or track that has more guests on them than its capacity: the database
    /// takes no counter that would be true.
    pub async fn recount(&self) -> Result<u64, StoreError> {
        let tx = transaction::begin(&self.write).await?;
        take_time(&tx).await?;
        let held = hold(&tx).await?;
        let mut mended = 0;
        for counter in &COUNTERS {
            mended += counter.mend(&tx, &held).await?;
        }
        mended += search::repair(&tx).await?;
        tx.commit().await?;
        Ok(mended)
    }
}

/// Holds the workshops that have a wrong counter, and no others: those that are well go on taking registrations.
async fn hold(db: &impl ConnectionTrait) -> Result<Vec<Uuid>, DbErr> {
    let wrong = COUNTERS.each_ref().map(|counter| {
        let disagreeing = counter.disagreeing(Of::All);
        format!("SELECT workshop_id FROM ({disagreeing}) AS found")
    });
    // SQLite's transaction holds everything already.
    let lock = if db.get_database_backend() == DbBackend::Postgres { " FOR NO KEY UPDATE" } else { "" };
    // Ascending, as the lanes hold them, so that neither waits for what the other one has.
    let sql = format!("SELECT id FROM workshops WHERE id IN ({}) ORDER BY id{lock}", wrong.join(" UNION "));
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

impl Counter {
    /// Counts again, now that nobody registers at the workshops held, and sets what is wrong.
    async fn mend(&self, db: &impl ConnectionTrait, held: &[Uuid]) -> Result<u64, DbErr> {
        let (table, column) = (self.keeper.table, self.column);
        // A row that breaks a constraint as it is, or would then, would fail the mending of all others.
        let seats = if self.is_of_seats { "found.counted" } else { "seats_taken" };
        let tail = format!(
            "UPDATE {table} SET {column} = found.counted FROM ({}) AS found \
             WHERE found.id = {table}.id AND (capacity IS NULL OR {seats} <= capacity)",
            self.disagreeing(Of::RowSet)
        );
        RowSet::of([row_set::column("id", ArrayType::Uuid)], held.iter().map(|id| [(*id).into()]))
            .execute(db, &tail)
            .await
    }
}
