use std::time::Duration;

use sea_orm::{
    AccessMode, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use tokio::time::Instant;

use crate::StoreError;

/// Begins a transaction that will write.
pub(crate) async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        // SQLite's default would take the writer's lock at the first write only, and then fail instead of wait.
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    db.begin_with_options(options).await
}

/// Commits. What was not committed for certain is told apart from what may have been.
pub(crate) async fn commit(tx: DatabaseTransaction) -> Result<(), StoreError> {
    tx.commit().await.map_err(StoreError::of_commit)
}

/// How long lost connections are exchanged for others. A database that was started anew leaves as many behind as the pool
/// had, and each is found at once.
const EXCHANGE: Duration = Duration::from_secs(2);

/// Says whether a transaction is to be tried again: the connection had died, perhaps long before, and nothing can have been
/// committed.
pub(crate) struct ReconnectPolicy(Instant);

impl ReconnectPolicy {
    pub(crate) fn begin() -> Self {
        Self(Instant::now() + EXCHANGE)
    }

    pub(crate) fn takes(&self, fault: &StoreError) -> bool {
        fault.is_lost_connection() && self.goes_on()
    }

    /// Whether there is time for another one.
    pub(crate) fn goes_on(&self) -> bool {
        Instant::now() < self.0
    }
}

/// Runs what begins a transaction, a few times if somebody younger comes first each time.
pub(crate) async fn retry_on_conflict<T, F>(attempt: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    const ATTEMPTS: u32 = 5;
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(StoreError::OrderingConflict) => {}
            done => return done,
        }
    }
    attempt().await
}

/// Begins a transaction that only reads, in which every statement sees the database as of the first one.
pub(crate) async fn begin_snapshot(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = match db.get_database_backend() {
        DbBackend::Postgres => TransactionOptions {
            isolation_level: Some(IsolationLevel::RepeatableRead),
            access_mode: Some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        },
        // DEFERRED: it holds no one up, and in WAL mode a reader keeps the state that it found.
        _ => TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
            ..TransactionOptions::default()
        },
    };
    db.begin_with_options(options).await
}
