use sea_orm::{
    AccessMode, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

use crate::{StoreError, fault::is_cut_off};

/// Begins a transaction that will write.
pub(crate) async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let attempt = || {
        db.begin_with_options(TransactionOptions {
            // SQLite's default would take the writer's lock at the first write only, and then fail instead of wait.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
    };
    // Where all connections were cut those that lay idle are dead, too. Nothing has begun on them.
    let pooled = match db.get_database_backend() {
        DbBackend::Postgres => db.get_postgres_connection_pool().size(),
        _ => 0,
    };
    for _ in 0..pooled {
        match attempt().await {
            Err(error) if is_cut_off(&error) => {}
            done => return done,
        }
    }
    attempt().await
}

/// Runs what begins a transaction, a few times if somebody younger comes first each time.
pub(crate) async fn begun_again_if_overtaken<T, F>(attempt: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    const ATTEMPTS: u32 = 5;
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(StoreError::Overtaken) => {}
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
