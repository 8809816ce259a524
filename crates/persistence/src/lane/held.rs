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
use crate::{StoreError, database::row_lock::LockMode};

type Queues = HashMap<WorkshopId, VecDeque<Box<dyn Job>>>;

/// The commands of a lane that wait for their workshop, in the order of arrival.
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

    /// Adds a command. Returns the queue of its workshop if it is the first; the command itself if too many wait.
    pub(super) fn push(self: &Arc<Self>, job: Box<dyn Job>) -> Result<Option<HeldQueue>, Box<dyn Job>> {
        let workshop = job.workshop();
        let mut queues = self.queues();
        let is_first = !queues.contains_key(&workshop);
        let queue = queues.entry(workshop).or_default();
        if queue.len() >= self.capacity {
            return Err(job);
        }
        queue.push_back(job);
        Ok(is_first.then(|| HeldQueue { held: self.clone(), workshop, has_ended: false }))
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The queue of a workshop. It ends with its last command, or when this value is dropped: the callers of its commands then
/// receive a fault, and later commands have a new queue.
pub(super) struct HeldQueue {
    held: Arc<HeldWorkshops>,
    workshop: WorkshopId,
    has_ended: bool,
}

impl HeldQueue {
    /// When the first command was queued. If none waits any more, the queue ends.
    fn oldest(&mut self) -> Option<Instant> {
        let mut queues = self.held.queues();
        let oldest = queues.get(&self.workshop).and_then(VecDeque::front).map(|job| job.queued_at());
        if oldest.is_none() {
            queues.remove(&self.workshop);
            self.has_ended = true;
        }
        oldest
    }

    /// Takes the first commands for which a condition holds.
    fn take_while(&self, condition: impl Fn(&dyn Job) -> bool, limit: usize) -> Vec<Box<dyn Job>> {
        let mut queues = self.held.queues();
        let Some(queue) = queues.get_mut(&self.workshop) else { return Vec::new() };
        let count = queue.iter().take(limit).take_while(|job| condition(job.as_ref())).count();
        queue.drain(..count).collect()
    }

    /// Puts commands back in front of the others.
    fn put_back(&self, jobs: Vec<Box<dyn Job>>) {
        let mut queues = self.held.queues();
        let queue = queues.entry(self.workshop).or_default();
        jobs.into_iter().rev().for_each(|job| queue.push_front(job));
    }

    /// Waits for the workshop and runs the commands, until none is left. Each command is refused at its own deadline.
    pub(super) async fn run(mut self, context: Arc<LaneContext>) {
        while let Some(oldest) = self.oldest() {
            let deadline = oldest + context.wait_timeout;
            // First the turn in this server, so that one session of it waits in the database.
            if let Ok(_turn) = timeout_at(deadline, context.row_turns.lock(self.workshop.uuid())).await {
                // The workshop is free if only an edit of this server had it. It does not wait behind held ones then.
                let is_held = self.run_commands(&context, LockMode::SkipHeld).await;
                if is_held && let Ok(_permit) = timeout_at(deadline, context.waiting.permit()).await {
                    self.run_commands(&context, LockMode::WaitUntil(deadline)).await;
                }
            }
            let is_due = |job: &dyn Job| job.queued_at().elapsed() >= context.wait_timeout;
            for job in self.take_while(is_due, usize::MAX) {
                fail(job, StoreError::Held, &context);
            }
        }
    }

    /// Runs the first commands. Returns whether another transaction holds the workshop: they are still queued then.
    async fn run_commands(&self, context: &LaneContext, lock_mode: LockMode) -> bool {
        let jobs = self.take_while(|_| true, context.max_batch);
        let Finished { availability, held } = run_batch(jobs, context, lock_mode).await;
        let is_held = !held.is_empty();
        self.put_back(held);
        if availability == Availability::Unavailable {
            // Each of the others would wait as long for a connection.
            for job in self.take_while(|_| true, usize::MAX) {
                fail(job, StoreError::Unavailable(None), context);
            }
        }
        is_held
    }
}

impl Drop for HeldQueue {
    fn drop(&mut self) {
        if !self.has_ended {
            // A panic, or the end of the runtime. The callers receive a fault because the commands are dropped.
            self.held.queues().remove(&self.workshop);
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        Actor, RegistrationId,
        access::ManageRegistrations,
        commands::register_guest::{RegisterGuest, RegisterGuestRefusal, RegistrationForm},
    };
    use tokio::sync::oneshot;
    use uuid::Uuid;

    use super::*;
    use crate::{CommandContext, RegisteredGuest, commands::register_guest::QueuedRegistration, lane::QueuedCommand};

    type Response = oneshot::Receiver<Result<Result<RegisteredGuest, RegisterGuestRefusal>, StoreError>>;

    fn job(workshop: WorkshopId) -> (Box<dyn Job>, Response) {
        let id = RegistrationId::from_uuid(Uuid::now_v7());
        let form = RegistrationForm {
            workshop: &workshop.to_string(),
            track: Some(1),
            guest: Some("none"),
            center: Some("none"),
            waitlist: false,
        };
        let request = RegisterGuest::parse(form, id).expect("a valid form");
        let context = CommandContext::<ManageRegistrations>::unlimited(Actor::System).erase();
        let (reply, response) = oneshot::channel();
        (Box::new(QueuedCommand::new(QueuedRegistration { workshop, request }, context, reply)), response)
    }

    #[test]
    fn a_queue_that_is_dropped_releases_its_commands_and_its_workshop() {
        let held = Arc::new(HeldWorkshops::new(2));
        let workshop = WorkshopId::from_uuid(Uuid::now_v7());
        let (jobs, responses): (Vec<_>, Vec<_>) = (0..3).map(|_| job(workshop)).unzip();
        let pushed: Vec<_> = jobs.into_iter().map(|job| held.push(job)).collect();
        assert!(
            matches!(&pushed[..], [Ok(Some(_)), Ok(None), Err(_)]),
            "the first starts the queue, the last is too many"
        );
        drop(pushed);
        assert_eq!((held.contains(workshop), held.len()), (false, 0));
        for mut response in responses {
            assert!(matches!(response.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
        }
        let (next, _response) = job(workshop);
        assert!(matches!(held.push(next), Ok(Some(_))), "a later command starts a queue");
    }

    #[test]
    fn a_queue_without_commands_ends_and_leaves_the_next_one() {
        let held = Arc::new(HeldWorkshops::new(2));
        let workshop = WorkshopId::from_uuid(Uuid::now_v7());
        let mut ended = held.push(job(workshop).0).ok().flatten().expect("the first command");
        assert_eq!(ended.take_while(|_| true, usize::MAX).len(), 1);
        assert!(ended.oldest().is_none());
        let next = held.push(job(workshop).0).ok().flatten().expect("the first command of the next queue");
        drop(ended);
        assert_eq!((held.contains(workshop), held.len()), (true, 1));
        drop(next);
    }
}
