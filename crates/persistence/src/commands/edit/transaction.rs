use std::time::Duration;

use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, SqlErr};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use super::{Edit, Edited, ErasedContext, StoredResult};
use crate::{
    Clock, Store, StoreError,
    database::{
        row_lock::{LockMode, limit_waits},
        transaction::{self, ReconnectPolicy},
    },
    idempotency::{IdempotencyKeys, Retention, StoredBytes},
    live::ChangeNotifier,
    metrics::CommandOutcome,
};

/// How long an edit waits with a permit for another transaction that has written the same unique value. A healthy one ends
/// within milliseconds.
const SHORT_WAIT: Duration = Duration::from_millis(100);

type Outcome<E> = Result<Result<<E as Edit>::Success, <E as Edit>::Refusal>, StoreError>;

impl Store {
    /// Runs an edit. Returns after the commit.
    pub(crate) async fn edit<E: Edit>(&self, edit: E, context: ErasedContext) -> Outcome<E> {
        let deadline = Instant::now() + self.acquire_timeout;
        // The turn comes first: an edit that waits for another one of the same row has no permit and no connection.
        let turn = async {
            let turn = match edit.locked_row() {
                Some(row) => Some(self.row_turns.lock(row).await),
                None => None,
            };
            Ok((turn, self.edits.clone().acquire_owned().await.map_err(|_| StoreError::Stopping)?))
        };
        // A caller who stops waiting for it has changed nothing.
        let (turn, permit) = timeout_at(deadline, turn).await.unwrap_or(Err(StoreError::Overloaded))?;
        let (db, waiting, lock_timeout) = (self.write.clone(), self.waiting.clone(), self.lock_timeout);
        let commands = self.metrics.commands.clone();
        let transaction = EditTransaction {
            edit,
            context,
            clock: self.clock.clone(),
            notifier: self.live.notifier(),
            retention: self.retention.clone(),
        };
        // In a task of its own, which a caller who disconnects cannot interrupt.
        let work = async move {
            let _turn = turn;
            let mut result = transaction.run(&db, LockMode::SkipHeld).await;
            // Edits of other rows continue while this one waits.
            drop(permit);
            if matches!(result, Err(StoreError::Held))
                && let Ok(_permit) = timeout_at(deadline, waiting.permit()).await
            {
                let lock_mode = LockMode::WaitUntil(deadline.min(Instant::now() + lock_timeout));
                result = transaction.run(&waiting.pool, lock_mode).await;
            }
            commands.count(transaction.edit.fingerprint().operation(), CommandOutcome::of(&result));
            result
        };
        let task = tokio::spawn(work.instrument(tracing::Span::current()));
        task.await.unwrap_or(Err(StoreError::Panicked))
    }
}

/// An edit, and what its transaction uses.
struct EditTransaction<E> {
    edit: E,
    context: ErasedContext,
    clock: Clock,
    notifier: ChangeNotifier,
    retention: Retention,
}

impl<E: Edit> EditTransaction<E> {
    /// Runs the transaction, again if its connection was lost, or another one came first. The fault is
    /// [`StoreError::Held`] if another one blocks it for too long.
    async fn run(&self, db: &DatabaseConnection, lock_mode: LockMode) -> Outcome<E> {
        let reconnect = ReconnectPolicy::start();
        let result = loop {
            match transaction::retry_on_conflict(|| self.attempt(db, lock_mode)).await {
                Err(fault) if reconnect.should_retry(&fault) => {}
                result => break result,
            }
        };
        let result = match result {
            // Another transaction wrote the same key or unique value a moment before, which is visible now. Or the
            // two deadlocked.
            Err(fault) if is_lost_race(&fault) => self.attempt(db, lock_mode).await,
            result => result,
        };
        result.map_err(|fault| if fault.is_lock_timeout() { StoreError::Held } else { fault })
    }

    async fn attempt(&self, db: &DatabaseConnection, lock_mode: LockMode) -> Outcome<E> {
        let tx = transaction::begin(db).await?;
        match self.decide_and_write(&tx, lock_mode).await {
            Ok(Decided { result: Ok(success), stored: Some(stored) }) => {
                transaction::commit(tx).await?;
                self.retention.record(stored);
                self.notifier.notify(&E::changed_workshop(&success).into_iter().collect());
                Ok(Ok(success))
            }
            decided => {
                transaction::roll_back(tx).await;
                Ok(decided?.result)
            }
        }
    }

    async fn decide_and_write(&self, tx: &DatabaseTransaction, lock_mode: LockMode) -> Result<Decided<E>, StoreError> {
        let Self { edit, context, clock, .. } = self;
        limit_waits(tx, lock_mode.longest_wait().max(SHORT_WAIT)).await?;
        let now = clock.now();
        let key = context.key();
        let mut keys = IdempotencyKeys::load(tx, key.clone(), now).await?;
        if let Some(result) = keys.response(key.as_ref(), &edit.fingerprint())? {
            return Ok(Decided { result, stored: None });
        }
        let unchanged = match edit.run(tx, clock, &context.authority, lock_mode).await? {
            Ok(Edited { success, has_changes: true }) => {
                if let Some(key) = key {
                    keys.save(key, &edit.fingerprint(), success.encode());
                }
                let stored = keys.write(tx, now).await?;
                return Ok(Decided { result: Ok(success), stored: Some(stored) });
            }
            Ok(Edited { success, has_changes: false }) => Ok(success),
            Err(refusal) => Err(refusal),
        };
        // The edit can have waited for the very request that it repeats, which has succeeded since.
        let keys = IdempotencyKeys::load(tx, key.clone(), now).await?;
        let result = keys.response(key.as_ref(), &edit.fingerprint())?.unwrap_or(unchanged);
        Ok(Decided { result, stored: None })
    }
}

/// The result of a transaction before its commit.
struct Decided<E: Edit> {
    result: Result<E::Success, E::Refusal>,
    /// The bytes stored for retries. `None`: there is nothing to commit.
    stored: Option<StoredBytes>,
}

fn is_lost_race(fault: &StoreError) -> bool {
    match fault {
        StoreError::Database(error) => is_duplicate(error),
        StoreError::UnexpectedRows { subject, .. } => matches!(*subject, "idempotency key" | "imported guest"),
        fault => fault.is_rolled_back(),
    }
}

fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}
