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
        // SQLite's default takes the write lock only at the first write, and then fails instead of waiting.
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    db.begin_with_options(options).await
}

/// Commits. The fault distinguishes a transaction that was rejected from one that can have been committed.
pub(crate) async fn commit(tx: DatabaseTransaction) -> Result<(), StoreError> {
    tx.commit().await.map_err(StoreError::from_commit_error)
}

/// Rolls back, and returns when the locks are released: dropping the transaction would release them later, and the next
/// transaction of this server would find the rows held by this one. An error means that the connection is lost, and the
/// transaction with it.
pub(crate) async fn roll_back(tx: DatabaseTransaction) {
    let _ = tx.rollback().await;
}

/// How long lost connections are replaced by others. After a restart of the database all connections of the pool are dead,
/// and each is detected at once.
const RECONNECT_WINDOW: Duration = Duration::from_secs(2);

/// Decides whether to retry a transaction whose connection was lost, possibly long before, so that nothing can have been
/// committed.
pub(crate) struct ReconnectPolicy {
    until: Instant,
}

impl ReconnectPolicy {
    pub(crate) fn start() -> Self {
        Self { until: Instant::now() + RECONNECT_WINDOW }
    }

    pub(crate) fn should_retry(&self, fault: &StoreError) -> bool {
        fault.is_lost_connection() && self.has_time()
    }

    /// Whether there is time for another attempt.
    pub(crate) fn has_time(&self) -> bool {
        Instant::now() < self.until
    }
}

/// Runs an attempt that begins a transaction, up to five times if a younger transaction comes first each time.
pub(crate) async fn retry_on_conflict<T, F>(attempt: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    const ATTEMPTS: u32 = 5;
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(StoreError::OrderingConflict) => {}
            result => return result,
        }
    }
    attempt().await
}

/// Begins a read-only transaction in which every statement sees the database as of the first one.
pub(crate) async fn begin_snapshot(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = match db.get_database_backend() {
        DbBackend::Postgres => TransactionOptions {
            isolation_level: Some(IsolationLevel::RepeatableRead),
            access_mode: Some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        },
        // DEFERRED: it blocks no one, and in WAL mode a reader keeps the state that it found.
        _ => TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
            ..TransactionOptions::default()
        },
    };
    db.begin_with_options(options).await
}
