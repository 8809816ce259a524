//! Workshops that another transaction holds: one of another server, or an edit of this one. Their commands wait here, and
//! the lane continues with other workshops.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::WorkshopId;
use tokio::time::{Instant, timeout_at};

use super::{
    Job, LaneContext,
    retry::{Availability, Finished, fail, run_batch},
};
use crate::{StoreError, aggregates::LockMode};

type Queues = HashMap<WorkshopId, VecDeque<Box<dyn Job>>>;

/// The commands of a lane that wait for their workshop, in the order of arrival. A workshop has a queue exactly while a
/// task runs [`wait`] for it.
pub(super) struct HeldWorkshops {
    queues: Mutex<Queues>,
    /// The maximum number of commands that wait for one workshop.
    capacity: usize,
}

impl HeldWorkshops {
    pub(super) fn new(capacity: usize) -> Self {
        Self { queues: Mutex::default(), capacity }
    }

    /// Whether commands wait for this workshop.
    pub(super) fn contains(&self, workshop: WorkshopId) -> bool {
        self.queues().contains_key(&workshop)
    }

    /// The number of commands that wait.
    pub(super) fn len(&self) -> usize {
        self.queues().values().map(VecDeque::len).sum()
    }

    /// Adds a command. Returns whether it is the first of its workshop, for which the caller starts [`wait`]; the command
    /// itself if too many wait.
    pub(super) fn push(&self, job: Box<dyn Job>) -> Result<bool, Box<dyn Job>> {
        let workshop = job.workshop();
        let mut queues = self.queues();
        let is_first = !queues.contains_key(&workshop);
        let queue = queues.entry(workshop).or_default();
        if queue.len() >= self.capacity {
            return Err(job);
        }
        queue.push_back(job);
        Ok(is_first)
    }

    /// When the first command was queued. If none waits any more, the workshop's queue ends.
    fn oldest(&self, workshop: WorkshopId) -> Option<Instant> {
        let mut queues = self.queues();
        let oldest = queues.get(&workshop).and_then(VecDeque::front).map(|job| job.queued_at());
        if oldest.is_none() {
            queues.remove(&workshop);
        }
        oldest
    }

    /// Takes the first commands for which a condition holds.
    fn take_while(
        &self,
        workshop: WorkshopId,
        condition: impl Fn(&dyn Job) -> bool,
        limit: usize,
    ) -> Vec<Box<dyn Job>> {
        let mut queues = self.queues();
        let Some(queue) = queues.get_mut(&workshop) else { return Vec::new() };
        let count = queue.iter().take(limit).take_while(|job| condition(job.as_ref())).count();
        queue.drain(..count).collect()
    }

    /// Puts commands back in front of the others.
    fn put_back(&self, workshop: WorkshopId, jobs: Vec<Box<dyn Job>>) {
        let mut queues = self.queues();
        let queue = queues.entry(workshop).or_default();
        jobs.into_iter().rev().for_each(|job| queue.push_front(job));
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a workshop and runs its commands, until none is left. Each command is refused at its own deadline.
pub(super) async fn wait(workshop: WorkshopId, held: Arc<HeldWorkshops>, context: Arc<LaneContext>) {
    while let Some(oldest) = held.oldest(workshop) {
        let deadline = oldest + context.wait_timeout;
        // First the turn in this server, so that one session of it waits in the database. Then one of the connections.
        let turn = async { (context.row_turns.lock(workshop.uuid()).await, context.waiting.acquire().await) };
        if let Ok(_turn) = timeout_at(deadline, turn).await {
            let jobs = held.take_while(workshop, |_| true, context.max_batch);
            let Finished { availability, held: left } = run_batch(jobs, &context, LockMode::WaitUntil(deadline)).await;
            held.put_back(workshop, left);
            if availability == Availability::Unavailable {
                // Each of the others would wait as long for a connection.
                for job in held.take_while(workshop, |_| true, usize::MAX) {
                    fail(job, StoreError::Unavailable(None), &context);
                }
            }
        }
        let is_due = |job: &dyn Job| job.queued_at().elapsed() >= context.wait_timeout;
        for job in held.take_while(workshop, is_due, usize::MAX) {
            fail(job, StoreError::Held, &context);
        }
    }
}
