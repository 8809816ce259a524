use super::{Job, LaneContext};
use crate::{
    StoreError,
    aggregates::{self, Aggregates, LoadPlan, LockMode, writes::Writes},
    database::transaction,
    idempotency::IdempotencyKeys,
};

/// The rows that the commands of a batch read, and their changes.
pub(crate) struct Batch {
    pub(crate) aggregates: Aggregates,
    pub(crate) keys: IdempotencyKeys,
    pub(crate) writes: Writes,
}

/// Runs one transaction: lock, load, decide, write, commit. After an error nothing was written, except if the commit is in
/// doubt.
pub(super) async fn commit(context: &LaneContext, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let mut plan = LoadPlan::default();
    for job in jobs.iter() {
        job.plan_load(&mut plan);
    }
    let (tx, aggregates) = transaction::retry_on_conflict(|| async {
        let tx = transaction::begin(&context.db).await?;
        let aggregates = aggregates::load(&tx, &plan, LockMode::ForUpdate).await?;
        Ok((tx, aggregates))
    })
    .await?;
    // Read after the lock: a command that had to wait is judged by the time at which it got the workshop.
    let now = context.clock.now();
    let keys: Vec<_> = jobs.iter().filter_map(|job| job.key()).collect();
    let keys = IdempotencyKeys::load(&tx, keys, now).await?;
    let mut batch = Batch { aggregates, keys, writes: Writes::default() };
    for job in jobs.iter_mut() {
        job.decide(&mut batch, now)?;
    }
    let Batch { aggregates, keys, writes } = batch;
    if writes.is_empty() && keys.is_empty() {
        // All commands were refused, because of committed data: there is nothing to flush to disk.
        return Ok(tx.rollback().await?);
    }
    let changed = writes.workshops().clone();
    writes.write(&tx, &aggregates, now).await?;
    let stored = keys.write(&tx, now).await?;
    transaction::commit(tx).await?;
    context.retention.record(stored);
    context.notifier.notify(&changed);
    Ok(())
}
