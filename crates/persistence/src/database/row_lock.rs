//! Locks on rows. A transaction first takes the rows that are free, and waits only if one is not.

use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, EntityTrait, QuerySelect, Select,
    sea_query::{LockBehavior, LockType},
};
use tokio::time::Instant;

use super::session_settings::STATEMENT_TIMEOUT;
use crate::{StoreError, error::is_wait_timeout};

/// Whether to lock rows until the transaction ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LockMode {
    /// Lock the rows that are free, and report those that another transaction holds.
    ///
    /// No other transaction changes a seat of a locked workshop. Child rows are read after the workshop is locked. The
    /// journal is read in the order of transaction numbers, and a transaction can already have its number before it locks
    /// its last workshop. If a younger one wrote meanwhile, loading fails with `OrderingConflict`.
    SkipHeld,
    /// The same, but wait for a row that another transaction holds. If the wait does not end in time, the fault is
    /// [`StoreError::Held`]. A transaction that waits holds no other row of the same table.
    WaitUntil(Instant),
    /// No lock: for a query, which reserves nothing.
    None,
}

impl LockMode {
    /// The longest wait for a row.
    pub(crate) fn longest_wait(self) -> Duration {
        match self {
            Self::WaitUntil(until) => until.saturating_duration_since(Instant::now()),
            Self::SkipHeld | Self::None => Duration::ZERO,
        }
    }
}

/// Reads the rows of a query that has at most `count`, and locks them. With [`LockMode::SkipHeld`], those that another
/// transaction holds are missing. SQLite has no such rows.
pub(crate) async fn lock_rows<E: EntityTrait>(
    tx: &impl ConnectionTrait,
    rows: Select<E>,
    count: usize,
    lock_mode: LockMode,
) -> Result<Vec<E::Model>, StoreError> {
    if lock_mode == LockMode::None {
        return Ok(rows.all(tx).await?);
    }
    let free = rows.clone().lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked).all(tx).await?;
    let is_complete = free.len() >= count || tx.get_database_backend() != DbBackend::Postgres;
    match lock_mode {
        LockMode::WaitUntil(_) if !is_complete => wait_for_rows(tx, rows, lock_mode.longest_wait()).await,
        _ => Ok(free),
    }
}

/// Locks the only row of a query, if it exists. With [`LockMode::SkipHeld`], the fault is [`StoreError::Held`] if another
/// transaction holds it.
pub(crate) async fn lock_row<E: EntityTrait>(
    tx: &impl ConnectionTrait,
    row: Select<E>,
    lock_mode: LockMode,
) -> Result<Option<E::Model>, StoreError> {
    let locked = lock_rows(tx, row.clone(), 1, lock_mode).await?.into_iter().next();
    if locked.is_none() && lock_mode == LockMode::SkipHeld && row.one(tx).await?.is_some() {
        return Err(StoreError::Held);
    }
    Ok(locked)
}

async fn wait_for_rows<E: EntityTrait>(
    tx: &impl ConnectionTrait,
    rows: Select<E>,
    longest_wait: Duration,
) -> Result<Vec<E::Model>, StoreError> {
    // PostgreSQL applies `lock_timeout` to each transaction that it waits for, one after the other. This limits the sum.
    let limit = milliseconds(longest_wait);
    tx.execute_unprepared(&format!("SET LOCAL statement_timeout = {limit}")).await?;
    let locked = rows.lock(LockType::NoKeyUpdate).all(tx).await;
    let locked = locked.map_err(|error| if is_wait_timeout(&error) { StoreError::Held } else { error.into() })?;
    tx.execute_unprepared(&format!("SET LOCAL statement_timeout = {STATEMENT_TIMEOUT}")).await?;
    Ok(locked)
}

/// Limits each wait of a transaction for another one: for a row, or for a unique value that the other one has written.
pub(crate) async fn limit_waits(tx: &impl ConnectionTrait, longest_wait: Duration) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(&format!("SET LOCAL lock_timeout = {}", milliseconds(longest_wait))).await?;
    }
    Ok(())
}

/// A timeout in the unit of PostgreSQL, in which 0 means no limit.
fn milliseconds(timeout: Duration) -> u128 {
    timeout.as_millis().max(1)
}
