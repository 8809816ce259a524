use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use domain::WorkshopId;
use tokio::{sync::mpsc, task::JoinSet};
use uuid::Uuid;

use super::{
    Job, LaneContext,
    held::HeldWorkshops,
    retry::{Availability, Finished, fail, run_batch},
    thread::log_abnormal_end,
};
use crate::{StoreError, database::row_lock::LockMode, keyed_mutex::KeyedGuard, metrics::CommandOutcome};

/// The turns of the workshops of a batch.
type Turns = HashMap<WorkshopId, KeyedGuard<Uuid>>;

/// The task of a lane.
pub(super) struct Worker {
    context: Arc<LaneContext>,
    held: Arc<HeldWorkshops>,
    /// How often in a row the held workshops were skipped.
    skipped: HashMap<WorkshopId, u32>,
    /// One task for each held workshop.
    waiting: JoinSet<()>,
}

/// How often in a row a lane skips a held workshop before its commands wait. Waiting is fair: the database hands the workshop
/// over in the order of requests.
const MAX_SKIPS: u32 = 3;

impl Worker {
    pub(super) fn new(context: Arc<LaneContext>, held: Arc<HeldWorkshops>) -> Self {
        Self { context, held, skipped: HashMap::new(), waiting: JoinSet::new() }
    }

    /// Runs all commands of a queue, and returns when the queue is closed and each has its response.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Box<dyn Job>>) {
        let max_batch = self.context.max_batch;
        let mut jobs = Vec::with_capacity(max_batch);
        loop {
            // Skipped commands come first, and do not wait for others.
            while jobs.len() < max_batch
                && let Ok(job) = queue.try_recv()
            {
                jobs.push(job);
            }
            if jobs.is_empty() && queue.recv_many(&mut jobs, max_batch).await == 0 {
                break;
            }
            while let Some(ended) = self.waiting.try_join_next() {
                log_abnormal_end(ended);
            }
            let (batch, turns) = self.take_turns(jobs.drain(..));
            let commands = batch.len();
            let Finished { availability, held } = run_batch(batch, &self.context, LockMode::SkipHeld).await;
            drop(turns);
            let has_progress = held.len() < commands;
            jobs.extend(self.skip(held, has_progress));
            if availability == Availability::Unavailable {
                // These commands arrived while the lane waited for a connection. Each would wait as long again.
                while let Ok(job) = queue.try_recv() {
                    fail(job, StoreError::Unavailable(None), &self.context);
                }
            }
        }
        while let Some(ended) = self.waiting.join_next().await {
            log_abnormal_end(ended);
        }
    }

    /// Takes the turns of the workshops that this server does not change at the moment, and returns their commands. The
    /// other commands wait, or are rejected because they waited too long.
    fn take_turns(&mut self, jobs: impl Iterator<Item = Box<dyn Job>>) -> (Vec<Box<dyn Job>>, Turns) {
        let (mut batch, mut turns) = (Vec::new(), Turns::new());
        for job in jobs {
            if job.queued_at().elapsed() > self.context.queue_timeout {
                self.reject(job);
                continue;
            }
            match turns.entry(job.workshop()) {
                Entry::Occupied(_) => batch.push(job),
                Entry::Vacant(entry) => match self.try_turn(job.workshop()) {
                    Some(turn) => {
                        entry.insert(turn);
                        batch.push(job);
                    }
                    None => self.wait(job),
                },
            }
        }
        (batch, turns)
    }

    /// Takes the turn of a workshop, unless another command of this server has it or waits for it.
    fn try_turn(&self, workshop: WorkshopId) -> Option<KeyedGuard<Uuid>> {
        if self.held.contains(workshop) {
            return None;
        }
        self.context.row_turns.try_lock(workshop.uuid())
    }

    /// Returns the commands to try again in the next batch, and lets the others wait for their workshop. A busy server holds
    /// a workshop for milliseconds, so most are free by then, and one batch is cheaper than a transaction for each.
    fn skip(&mut self, held: Vec<Box<dyn Job>>, has_progress: bool) -> Vec<Box<dyn Job>> {
        let (mut again, mut skipped) = (Vec::new(), HashMap::new());
        for job in held {
            let workshop = job.workshop();
            let before = self.skipped.get(&workshop).copied().unwrap_or(0);
            let times = *skipped.entry(workshop).or_insert(before + 1);
            if has_progress && times < MAX_SKIPS {
                again.push(job);
            } else {
                self.wait(job);
            }
        }
        self.skipped = skipped;
        again
    }

    /// Lets a command wait for its workshop, behind those that wait already.
    fn wait(&mut self, job: Box<dyn Job>) {
        match self.held.push(job) {
            Ok(Some(queue)) => {
                self.waiting.spawn(queue.run(self.context.clone()));
            }
            Ok(None) => {}
            Err(job) => self.reject(job),
        }
    }

    fn reject(&self, job: Box<dyn Job>) {
        self.context.metrics.commands.count(job.operation(), CommandOutcome::Overloaded);
        job.fail(StoreError::Overloaded);
    }
}
