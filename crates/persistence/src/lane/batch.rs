use std::collections::HashMap;

use domain::{WorkshopAggregate, WorkshopId};

use super::{Job, LaneContext};
use crate::{
    StoreError,
    aggregates::{self, LoadPlan, LockMode, writes::Writes},
    database::transaction,
    idempotency::Keys,
};

/// What the commands of a batch read, and what they leave to be written.
pub(crate) struct Batch {
    pub(crate) aggregates: HashMap<WorkshopId, WorkshopAggregate>,
    pub(crate) keys: Keys,
    pub(crate) writes: Writes,
}

/// One transaction: hold, load, decide, write, commit. After an error nothing was written, unless it is that the commit is in
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
    // The time is read once the workshops are held: a command that had to wait is judged by when it got its turn.
    let now = context.clock.now();
    let keys: Vec<_> = jobs.iter().filter_map(|job| job.key()).collect();
    let keys = Keys::load(&tx, keys, now).await?;
    let mut batch = Batch { aggregates, keys, writes: Writes::default() };
    for job in jobs.iter_mut() {
        job.decide(&mut batch, now)?;
    }
    let Batch { aggregates, keys, writes } = batch;
    if writes.is_empty() && keys.is_empty() {
        // All were refused, by what others committed: there is nothing that a disk would have to wait for.
        return Ok(tx.rollback().await?);
    }
    let touched = writes.workshops().clone();
    writes.write(&tx, &aggregates, now).await?;
    keys.write(&tx, now).await?;
    transaction::commit(tx).await?;
    context.wake.touched(&touched);
    Ok(())
}
