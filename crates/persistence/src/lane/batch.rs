use std::{collections::BTreeSet, panic::AssertUnwindSafe};

use domain::WorkshopId;
use futures_util::FutureExt;
use sea_orm::DatabaseTransaction;

use super::{Job, LaneContext};
use crate::{
    StoreError,
    aggregates::{self, Aggregates, LoadPlan, Loaded, writes::Writes},
    database::{row_lock::LockMode, transaction},
    idempotency::{IdempotencyKeys, StoredBytes},
};

/// The rows that the commands of a batch read, and their changes.
pub(crate) struct Batch {
    pub(crate) aggregates: Aggregates,
    pub(crate) keys: IdempotencyKeys,
    pub(crate) writes: Writes,
}

/// Runs one transaction: lock, load, decide, write, commit. Returns the workshops that another transaction holds: their
/// commands are undecided. After an error nothing was written, except if the commit is in doubt.
pub(super) async fn commit(
    context: &LaneContext,
    jobs: &mut [Box<dyn Job>],
    lock_mode: LockMode,
) -> Result<BTreeSet<WorkshopId>, StoreError> {
    let mut plan = LoadPlan::default();
    for job in jobs.iter() {
        job.plan_load(&mut plan);
    }
    let loaded = transaction::retry_on_conflict(|| async {
        let tx = transaction::begin(context.connections(lock_mode)).await?;
        match aggregates::load(&tx, &plan, lock_mode).await {
            Ok(loaded) => Ok((tx, loaded)),
            Err(fault) => {
                transaction::roll_back(tx).await;
                Err(fault)
            }
        }
    });
    let (tx, loaded) = match loaded.await {
        Err(StoreError::Held) => return Ok(plan.workshops),
        loaded => loaded?,
    };
    // Caught here, so that a rule that panics is rolled back before the retry.
    let decided = AssertUnwindSafe(decide_and_write(context, jobs, &tx, loaded)).catch_unwind().await;
    match decided.unwrap_or(Err(StoreError::Panicked)) {
        Ok(Decided { held, changed: Some((changed, stored)) }) => {
            transaction::commit(tx).await?;
            context.retention.record(stored);
            context.notifier.notify(&changed);
            Ok(held)
        }
        // There is nothing to flush to disk.
        Ok(Decided { held, changed: None }) => {
            tx.rollback().await?;
            Ok(held)
        }
        Err(fault) => {
            transaction::roll_back(tx).await;
            Err(fault)
        }
    }
}

/// The result of a transaction before its commit.
struct Decided {
    held: BTreeSet<WorkshopId>,
    /// The changed workshops, and the bytes stored for retries. `None`: all commands were refused because of committed
    /// data, or wait for their workshop.
    changed: Option<(BTreeSet<WorkshopId>, StoredBytes)>,
}

/// Decides the commands of the locked workshops, and writes the changes.
async fn decide_and_write(
    context: &LaneContext,
    jobs: &mut [Box<dyn Job>],
    tx: &DatabaseTransaction,
    Loaded { aggregates, held }: Loaded,
) -> Result<Decided, StoreError> {
    let is_decided = |job: &dyn Job| !held.contains(&job.workshop());
    // Read after the lock: a command that had to wait is judged by the time at which it got the workshop.
    let now = context.clock.now();
    let keys: Vec<_> = jobs.iter().filter(|job| is_decided(job.as_ref())).filter_map(|job| job.key()).collect();
    let keys = IdempotencyKeys::load(tx, keys, now).await?;
    let mut batch = Batch { aggregates, keys, writes: Writes::default() };
    for job in jobs.iter_mut().filter(|job| is_decided(job.as_ref())) {
        job.decide(&mut batch, now)?;
    }
    let Batch { aggregates, keys, writes } = batch;
    if writes.is_empty() && keys.is_empty() {
        return Ok(Decided { held, changed: None });
    }
    let changed = writes.workshops().clone();
    writes.write(tx, &aggregates, now).await?;
    let stored = keys.write(tx, now).await?;
    Ok(Decided { held, changed: Some((changed, stored)) })
}
