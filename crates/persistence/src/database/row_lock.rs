//! Locks on rows. A transaction first takes the rows that are free, and waits only if one is not.

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, EntityTrait, QuerySelect, Select,
    sea_query::{LockBehavior, LockType},
};
use tokio::time::Instant;

use super::session_settings::STATEMENT_TIMEOUT;
use crate::{StoreError, error::is_wait_timeout};

/// Locks the rows that no other transaction holds, and returns them. On SQLite these are all rows.
pub(crate) async fn lock_free_rows<E: EntityTrait>(
    tx: &impl ConnectionTrait,
    rows: Select<E>,
) -> Result<Vec<E::Model>, DbErr> {
    rows.lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked).all(tx).await
}

/// Locks all rows of a query that has at most `count`, and waits for those that another transaction holds. If the wait does
/// not end in time, the fault is [`StoreError::Held`].
pub(crate) async fn lock_rows<E: EntityTrait>(
    tx: &impl ConnectionTrait,
    rows: Select<E>,
    count: usize,
    until: Instant,
) -> Result<Vec<E::Model>, StoreError> {
    let free = lock_free_rows(tx, rows.clone()).await?;
    if free.len() >= count || tx.get_database_backend() != DbBackend::Postgres {
        return Ok(free);
    }
    // PostgreSQL applies `lock_timeout` to each transaction that it waits for, one after the other. This limits the sum.
    // The value 0 would mean no limit.
    let left = until.saturating_duration_since(Instant::now()).as_millis().max(1);
    tx.execute_unprepared(&format!("SET LOCAL statement_timeout = {left}")).await?;
    let locked = rows.lock(LockType::NoKeyUpdate).all(tx).await;
    let locked = locked.map_err(|error| if is_wait_timeout(&error) { StoreError::Held } else { error.into() })?;
    tx.execute_unprepared(&format!("SET LOCAL statement_timeout = {STATEMENT_TIMEOUT}")).await?;
    Ok(locked)
}
