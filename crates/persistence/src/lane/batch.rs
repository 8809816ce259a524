use std::collections::HashMap;

use domain::{Desk, WorkshopId};

use super::{Bench, Job};
use crate::{
    StoreError,
    desks::{self, Hold, Questions},
    idempotency::Keys,
    transaction,
    writes::Writes,
};

/// What the commands of a batch read, and what they leave to be written.
pub(crate) struct Batch {
    pub(crate) desks: HashMap<WorkshopId, Desk>,
    pub(crate) keys: Keys,
    pub(crate) writes: Writes,
}

/// One transaction: hold, load, decide, write, commit. After an error nothing was written, unless it is that the commit is in
/// doubt.
pub(super) async fn commit(bench: &Bench, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let mut questions = Questions::default();
    for job in jobs.iter() {
        job.ask(&mut questions);
    }
    let (tx, desks) = transaction::begun_again_if_overtaken(|| async {
        let tx = transaction::begin(&bench.db).await?;
        let desks = desks::load(&tx, &questions, Hold::ForWriting).await?;
        Ok((tx, desks))
    })
    .await?;
    // The time is read once the workshops are held: a command that had to wait is judged by when it got its turn.
    let now = bench.clock.now();
    let keys: Vec<_> = jobs.iter().filter_map(|job| job.key()).collect();
    let keys = Keys::load(&tx, keys, now).await?;
    let mut batch = Batch { desks, keys, writes: Writes::default() };
    for job in jobs.iter_mut() {
        job.decide(&mut batch, now)?;
    }
    let Batch { desks, keys, writes } = batch;
    if writes.is_empty() && keys.is_empty() {
        // All were refused, by what others committed: there is nothing that a disk would have to wait for.
        return Ok(tx.rollback().await?);
    }
    let touched = writes.workshops().clone();
    writes.write(&tx, &desks, now).await?;
    keys.write(&tx, now).await?;
    transaction::commit(tx).await?;
    bench.wake.touched(&touched);
    Ok(())
}
