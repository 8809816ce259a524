//! Lanes: the only way in which registrations change.
//!
//! A lane is a group-commit worker: a task that owns a queue. A workshop always hashes to the same lane. The lane takes
//! everything that is queued, one command or hundreds, and processes it in one transaction. It locks the workshops, loads
//! their aggregates, decides each command in the order of arrival, writes all changes, commits, and only then responds.
//! There is no timer: an idle lane starts at once, and a busy one finds the next batch in its queue. A command that waited
//! longer than a caller does is rejected as overload, because processing it would only delay the others.
//!
//! The lanes have their own thread, so that other requests never delay a lane, even if thousands of them are rejected at
//! the same time.
//!
//! Correctness comes from the locks of the database, which the lanes make cheap: several servers on one database are safe.

mod batch;
mod job;
mod retry;
mod thread;

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::WorkshopId;
use sea_orm::{DatabaseConnection, DbBackend};
use tokio::sync::{mpsc, oneshot};

use job::{Job, QueuedCommand};
use retry::{Availability, run_batch};
use thread::Thread;

use crate::{
    Clock, StoreError,
    commands::{Command, ErasedContext},
    idempotency::Retention,
    live::ChangeNotifier,
    metrics::{CommandOutcome, Metrics},
};

/// The configuration of the lanes.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The number of lanes on PostgreSQL, each with its own transaction. SQLite has one writer and so one lane.
    pub lanes: usize,
    /// The maximum number of commands in the queue of one lane. Further commands are rejected as overload.
    pub queue: usize,
    /// The maximum number of commands in one transaction.
    pub batch: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { lanes: 2, queue: 10_000, batch: 512 }
    }
}

/// The dependencies of a lane.
struct LaneContext {
    db: DatabaseConnection,
    clock: Clock,
    notifier: ChangeNotifier,
    metrics: Metrics,
    retention: Retention,
}

type Queue = mpsc::Sender<Box<dyn Job>>;

/// All lanes of a store.
pub(crate) struct Lanes {
    queues: Mutex<Vec<Queue>>,
    thread: Thread,
    /// The connections of the lanes.
    pub(crate) db: DatabaseConnection,
    metrics: Metrics,
}

impl Lanes {
    /// Starts the lanes on connections that `connect` makes. `acquire_timeout`: the longest time in a queue.
    pub(crate) async fn start(
        connect: impl Future<Output = Result<DatabaseConnection, StoreError>> + Send + 'static,
        clock: &Clock,
        notifier: &ChangeNotifier,
        metrics: &Metrics,
        retention: &Retention,
        settings: Settings,
        acquire_timeout: Duration,
    ) -> Result<Self, StoreError> {
        let (clock, notifier, metrics) = (clock.clone(), notifier.clone(), metrics.clone());
        let max_batch = settings.batch.max(1);
        let (db, thread) = Thread::start(connect).await?;
        let lanes = if db.get_database_backend() == DbBackend::Sqlite { 1 } else { settings.lanes.max(1) };
        let queues = (0..lanes)
            .map(|_| {
                let (queue, jobs) = mpsc::channel(settings.queue.max(1));
                let (db, clock, notifier, metrics) = (db.clone(), clock.clone(), notifier.clone(), metrics.clone());
                let context = LaneContext { db, clock, notifier, metrics, retention: retention.clone() };
                thread.spawn(run(jobs, context, max_batch, acquire_timeout));
                queue
            })
            .collect();
        Ok(Self { queues: Mutex::new(queues), thread, db, metrics })
    }

    /// Queues a command and waits for its response. A queued command is processed even if the caller stops waiting.
    pub(crate) async fn submit<C: Command>(
        &self,
        command: C,
        context: ErasedContext,
    ) -> Result<Result<C::Success, C::Refusal>, StoreError> {
        let (reply, response) = oneshot::channel();
        let queue = self.queue(command.workshop()).ok_or(StoreError::Stopping)?;
        queue.try_send(Box::new(QueuedCommand::new(command, context, reply))).map_err(|error| match error {
            mpsc::error::TrySendError::Full(job) => {
                self.metrics.commands.count(job.operation(), CommandOutcome::Overloaded);
                StoreError::Overloaded
            }
            mpsc::error::TrySendError::Closed(_) => StoreError::Stopping,
        })?;
        response.await.unwrap_or(Err(StoreError::Stopping))
    }

    fn queue(&self, workshop: WorkshopId) -> Option<Queue> {
        let mut hasher = DefaultHasher::new();
        workshop.hash(&mut hasher);
        let queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = usize::try_from(hasher.finish() % (queues.len().max(1) as u64)).unwrap_or_default();
        queues.get(lane).cloned()
    }

    /// The number of queued commands in each lane.
    pub(crate) fn queue_depths(&self) -> Vec<usize> {
        let queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.iter().map(|queue| queue.max_capacity() - queue.capacity()).collect()
    }

    /// Accepts no more commands, processes those in the queues, and returns after the last response.
    pub(crate) async fn drain(&self) {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.thread.finish().await;
    }
}

async fn run(
    mut queue: mpsc::Receiver<Box<dyn Job>>,
    context: LaneContext,
    max_batch: usize,
    acquire_timeout: Duration,
) {
    let mut jobs = Vec::with_capacity(max_batch);
    while queue.recv_many(&mut jobs, max_batch).await > 0 {
        let (expired, jobs): (Vec<_>, Vec<_>) = jobs.drain(..).partition(|job| job.waited() > acquire_timeout);
        for job in expired {
            context.metrics.commands.count(job.operation(), CommandOutcome::Overloaded);
            job.fail(StoreError::Overloaded);
        }
        if run_batch(jobs, &context).await == Availability::Unavailable {
            // These commands arrived while the lane waited for a connection. Each would wait as long again.
            while let Ok(job) = queue.try_recv() {
                retry::fail(job, StoreError::Unavailable(None), &context);
            }
        }
    }
}
