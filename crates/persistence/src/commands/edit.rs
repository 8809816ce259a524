use domain::{Fingerprint, WorkshopId, access::Authority, problems::IdempotencyKeyReused};
use sea_orm::{DatabaseTransaction, DbErr, SqlErr};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;
use uuid::Uuid;

use super::{ErasedContext, StoredResult};
use crate::{
    Clock, Store, StoreError,
    database::transaction::{self, ReconnectPolicy},
    idempotency::IdempotencyKeys,
    metrics::CommandOutcome,
};

/// The result of an edit.
pub(crate) struct Edited<S> {
    pub(crate) success: S,
    /// Whether the edit wrote anything. If not, nothing is stored for a retry, which would change nothing either.
    pub(crate) has_changes: bool,
}

impl<S> Edited<S> {
    /// The result of an edit that always writes.
    pub(crate) fn changed(success: S) -> Self {
        Self { success, has_changes: true }
    }
}

/// A change to workshops, centers or guests. Each edit has its own transaction, because edits are too rare to batch.
pub(crate) trait Edit: Send + Sync + 'static {
    /// The result, which is stored for retries.
    type Success: StoredResult + Send;
    type Refusal: From<IdempotencyKeyReused> + Send;

    /// Distinguishes this edit from another one under the same key.
    fn fingerprint(&self) -> Fingerprint;

    /// The only row that the edit locks, if there is one.
    fn locked_row(&self) -> Option<Uuid> {
        None
    }

    /// The workshop that the edit can have changed.
    fn changed_workshop(_success: &Self::Success) -> Option<WorkshopId> {
        None
    }

    /// Locks the rows to change, waiting for them until the given instant, decides with the caller's authority, and writes.
    /// A refusal rolls all writes back.
    fn run(
        &self,
        tx: &DatabaseTransaction,
        clock: &Clock,
        by: &Authority,
        lock_until: Instant,
    ) -> impl Future<Output = Result<Result<Edited<Self::Success>, Self::Refusal>, StoreError>> + Send;
}

/// Defines the method of [`Store`] that runs an edit of one row, and the [`Edit`] of its command. The function in braces
/// decides and writes; after `locks` follows the field with the id of the row.
macro_rules! edit_command {
    (
        $(#[$doc:meta])*
        pub async fn $method:ident($command:ident, $permission:ident) -> Result<$success:ident, $refusal:ident> {
            $run:ident $(locks $row:ident)?
        }
    ) => {
        impl $crate::Store {
            $(#[$doc])*
            pub async fn $method(
                &self,
                command: $command,
                context: $crate::CommandContext<$permission>,
            ) -> Result<Result<$success, $refusal>, $crate::StoreError> {
                self.edit(command, context.erase()).await
            }
        }

        impl $crate::commands::edit::Edit for $command {
            type Success = $success;
            type Refusal = $refusal;

            fn fingerprint(&self) -> domain::Fingerprint {
                self.fingerprint
            }

            $(fn locked_row(&self) -> Option<uuid::Uuid> {
                self.$row.map(|id| id.uuid())
            })?

            async fn run(
                &self,
                tx: &sea_orm::DatabaseTransaction,
                clock: &$crate::Clock,
                by: &domain::access::Authority,
                lock_until: tokio::time::Instant,
            ) -> Result<Result<$crate::commands::edit::Edited<$success>, $refusal>, $crate::StoreError> {
                $run(self, tx, clock.now(), by, lock_until).await
            }
        }
    };
}
pub(super) use edit_command;

impl Store {
    /// Runs an edit. Returns after the commit.
    pub(crate) async fn edit<E: Edit>(
        &self,
        edit: E,
        context: ErasedContext,
    ) -> Result<Result<E::Success, E::Refusal>, StoreError> {
        let (db, clock, notifier) = (self.write.clone(), self.clock.clone(), self.live.notifier());
        let (commands, retention) = (self.metrics.commands.clone(), self.retention.clone());
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
        let turn = timeout_at(deadline, turn).await.unwrap_or(Err(StoreError::Overloaded))?;
        // In a task of its own, which a caller who disconnects cannot interrupt.
        let work = async move {
            let _turn = turn;
            let attempt = || async {
                let tx = transaction::begin(&db).await?;
                let now = clock.now();
                let key = context.key();
                let mut keys = IdempotencyKeys::load(&tx, key.clone(), now).await?;
                if let Some(response) = keys.response(key.as_ref(), &edit.fingerprint())? {
                    return Ok(response);
                }
                let unchanged = match edit.run(&tx, &clock, &context.authority, deadline).await? {
                    Ok(Edited { success, has_changes: true }) => {
                        if let Some(key) = key {
                            keys.save(key, &edit.fingerprint(), success.encode());
                        }
                        let stored = keys.write(&tx, now).await?;
                        transaction::commit(tx).await?;
                        retention.record(stored);
                        notifier.notify(&E::changed_workshop(&success).into_iter().collect());
                        return Ok(Ok(success));
                    }
                    Ok(Edited { success, has_changes: false }) => Ok(success),
                    Err(refusal) => Err(refusal),
                };
                // The edit can have waited for the very request that it repeats, which has succeeded since.
                let keys = IdempotencyKeys::load(&tx, key.clone(), now).await?;
                Ok(keys.response(key.as_ref(), &edit.fingerprint())?.unwrap_or(unchanged))
            };
            let reconnect = ReconnectPolicy::start();
            let result = loop {
                match transaction::retry_on_conflict(&attempt).await {
                    Err(fault) if reconnect.should_retry(&fault) => {}
                    result => break result,
                }
            };
            let result = match result {
                // Another transaction wrote the same key or unique value a moment before, which is visible now. Or the
                // two deadlocked.
                Err(fault) if is_lost_race(&fault) => attempt().await,
                result => result,
            };
            commands.count(edit.fingerprint().operation(), CommandOutcome::of(&result));
            result
        };
        let task = tokio::spawn(work.instrument(tracing::Span::current()));
        task.await.unwrap_or(Err(StoreError::Panicked))
    }
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
