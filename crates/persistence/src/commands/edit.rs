use domain::{Fingerprint, WorkshopId, access::Authority, problems::IdempotencyKeyReused};
use sea_orm::{DatabaseTransaction, DbErr, SqlErr};
use tracing::Instrument;

use super::{ErasedContext, StoredResult};
use crate::{
    Clock, Store, StoreError,
    database::transaction::{self, ReconnectPolicy},
    idempotency::Keys,
    metrics::CommandOutcome,
};

/// A change of what guests register to, or of the guests themselves: in a transaction of its own, for there is no rush
/// to settle in batches.
pub(crate) trait Edit: Send + Sync + 'static {
    /// What the caller gets; it can be written down and read again, for retries.
    type Success: StoredResult + Send;
    /// Why the caller does not get it.
    type Refusal: From<IdempotencyKeyReused> + Send;

    /// Tells this edit from another one under the same key.
    fn fingerprint(&self) -> Fingerprint;

    /// The workshop that the edit may have changed.
    fn touches(_success: &Self::Success) -> Option<WorkshopId> {
        None
    }

    /// Holds what it changes, decides on context of somebody, and writes. A refusal takes back whatever was written.
    fn run(
        &self,
        tx: &DatabaseTransaction,
        clock: &Clock,
        by: &Authority,
    ) -> impl Future<Output = Result<Result<Self::Success, Self::Refusal>, StoreError>> + Send;
}

impl Store {
    /// Makes an edit. Answers after the commit.
    pub(crate) async fn edit<E: Edit>(
        &self,
        edit: E,
        context: ErasedContext,
    ) -> Result<Result<E::Success, E::Refusal>, StoreError> {
        let (db, clock, wake) = (self.write.clone(), self.clock.clone(), self.live.wake());
        let commands = self.metrics.commands.clone();
        // Who gives up while waiting for a turn has changed nothing.
        let turn = tokio::time::timeout(self.acquire_timeout, self.edits.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| StoreError::Overloaded)?.map_err(|_| StoreError::Stopping)?;
        // In a task of its own: a caller who goes away does not cut it off in the middle.
        let work = async move {
            let _turn = turn;
            let attempt = || async {
                let tx = transaction::begin(&db).await?;
                let now = clock.now();
                let own = context.key();
                let mut keys = Keys::load(&tx, own.clone(), now).await?;
                if let Some(answer) = keys.answer(own.as_ref(), &edit.fingerprint())? {
                    return Ok(answer);
                }
                match edit.run(&tx, &clock, &context.authority).await? {
                    Ok(success) => {
                        if let Some(own) = own {
                            keys.keep(own, &edit.fingerprint(), success.encode());
                        }
                        keys.write(&tx, now).await?;
                        transaction::commit(tx).await?;
                        wake.touched(&E::touches(&success).into_iter().collect());
                        Ok(Ok(success))
                    }
                    Err(refusal) => {
                        // It may have waited for the very request that it repeats, which has succeeded since.
                        let keys = Keys::load(&tx, own.clone(), now).await?;
                        Ok(keys.answer(own.as_ref(), &edit.fingerprint())?.unwrap_or(Err(refusal)))
                    }
                }
            };
            let exchange = ReconnectPolicy::begin();
            let settled = loop {
                match transaction::retry_on_conflict(&attempt).await {
                    Err(fault) if exchange.takes(&fault) => {}
                    settled => break settled,
                }
            };
            let settled = match settled {
                // Somebody else wrote the same key, or the same unique value, a moment before, and it can be seen now; or
                // held what this one wanted, and wanted what this one held.
                Err(fault) if is_lost_race(&fault) => attempt().await,
                settled => settled,
            };
            commands.count(edit.fingerprint().operation(), CommandOutcome::of(&settled));
            settled
        };
        let task = tokio::spawn(work.instrument(tracing::Span::current()));
        task.await.unwrap_or(Err(StoreError::Panicked))
    }
}

fn is_lost_race(fault: &StoreError) -> bool {
    match fault {
        StoreError::Database(error) => is_duplicate(error),
        StoreError::UnexpectedRows { what, .. } => matches!(*what, "idempotency key" | "imported guest"),
        fault => fault.is_taken_back(),
    }
}

fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}
