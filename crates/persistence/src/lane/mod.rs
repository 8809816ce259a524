//! Lanes: the one way in which registrations change.
//!
//! A lane is a task that owns a queue, and a workshop always hashes to the same lane. The lane takes whatever has
//! queued, one command or hundreds, and settles it in one transaction: hold the workshops, load their aggregates, decide
//! each command in the order of arrival, write all outcomes, commit, and only then answer. There is no timer: an idle
//! lane starts at once, a busy one finds the next batch waiting when it is done. What has waited for longer than a caller
//! does is refused and not settled: it would only keep the others waiting as long.
//!
//! They have a thread to themselves: what it takes to answer requests, thousands of which may be refused at the time, does
//! not stand between a lane and the next answer of the database.
//!
//! Lanes are the fast way to the database's own lock, not a lock: several servers on one database stay correct.

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
use sea_orm::{DatabaseConnection, DbBackend, DbErr};
use tokio::sync::{mpsc, oneshot};

use job::{Job, QueuedCommand};
use retry::{Availability, run_batch};
use thread::Thread;

use crate::{
    Clock, StoreError,
    commands::{Command, ErasedContext},
    live::ChangeNotifier,
    metrics::{CommandOutcome, Metrics},
};

/// How the lanes are laid out.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Lanes on PostgreSQL, each with a transaction of its own. SQLite has one writer and so one lane.
    pub lanes: usize,
    /// Commands that may wait in one lane; one more is refused as overload.
    pub queue: usize,
    /// The most commands that one transaction settles.
    pub batch: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { lanes: 2, queue: 10_000, batch: 512 }
    }
}

/// What a lane works with.
struct LaneContext {
    db: DatabaseConnection,
    clock: Clock,
    wake: ChangeNotifier,
    metrics: Metrics,
}

type Queue = mpsc::Sender<Box<dyn Job>>;

/// All lanes of a store.
pub(crate) struct Lanes {
    queues: Mutex<Vec<Queue>>,
    thread: Thread,
    /// What they write with.
    pub(crate) db: DatabaseConnection,
    metrics: Metrics,
}

impl Lanes {
    /// Starts them, on connections that `connect` makes. `acquire_timeout`: the longest that a command waits in a queue.
    pub(crate) async fn start(
        connect: impl Future<Output = Result<DatabaseConnection, DbErr>> + Send + 'static,
        clock: &Clock,
        wake: &ChangeNotifier,
        metrics: &Metrics,
        settings: Settings,
        acquire_timeout: Duration,
    ) -> Result<Self, StoreError> {
        let (clock, wake, metrics) = (clock.clone(), wake.clone(), metrics.clone());
        let most = settings.batch.max(1);
        let (db, thread) = Thread::start(connect).await?;
        let lanes = if db.get_database_backend() == DbBackend::Sqlite { 1 } else { settings.lanes.max(1) };
        let queues = (0..lanes)
            .map(|_| {
                let (queue, jobs) = mpsc::channel(settings.queue.max(1));
                let context =
                    LaneContext { db: db.clone(), clock: clock.clone(), wake: wake.clone(), metrics: metrics.clone() };
                thread.spawn(run(jobs, context, most, acquire_timeout));
                queue
            })
            .collect();
        Ok(Self { queues: Mutex::new(queues), thread, db, metrics })
    }

    /// Queues a command and waits for its answer. Once queued it is settled, whether or not the caller still waits.
    pub(crate) async fn submit<C: Command>(
        &self,
        command: C,
        context: ErasedContext,
    ) -> Result<Result<C::Success, C::Refusal>, StoreError> {
        let (reply, answer) = oneshot::channel();
        let queue = self.queue(command.workshop()).ok_or(StoreError::Stopping)?;
        queue.try_send(Box::new(QueuedCommand::new(command, context, reply))).map_err(|error| match error {
            mpsc::error::TrySendError::Full(job) => {
                self.metrics.commands.count(job.operation(), CommandOutcome::Overloaded);
                StoreError::Overloaded
            }
            mpsc::error::TrySendError::Closed(_) => StoreError::Stopping,
        })?;
        answer.await.unwrap_or(Err(StoreError::Stopping))
    }

    fn queue(&self, workshop: WorkshopId) -> Option<Queue> {
        let mut hasher = DefaultHasher::new();
        workshop.hash(&mut hasher);
        let queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = usize::try_from(hasher.finish() % (queues.len().max(1) as u64)).unwrap_or_default();
        queues.get(lane).cloned()
    }

    /// How many commands wait in each lane.
    pub(crate) fn waiting(&self) -> Vec<usize> {
        let queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.iter().map(|queue| queue.max_capacity() - queue.capacity()).collect()
    }

    /// Takes no more commands, settles those that are queued, and returns when the last one is answered.
    pub(crate) async fn drain(&self) {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.thread.finish().await;
    }
}

async fn run(mut queue: mpsc::Receiver<Box<dyn Job>>, context: LaneContext, most: usize, acquire_timeout: Duration) {
    let mut jobs = Vec::with_capacity(most);
    while queue.recv_many(&mut jobs, most).await > 0 {
        let (stale, jobs): (Vec<_>, Vec<_>) = jobs.drain(..).partition(|job| job.has_waited() > acquire_timeout);
        for job in stale {
            context.metrics.commands.count(job.operation(), CommandOutcome::Overloaded);
            job.fail(StoreError::Overloaded);
        }
        if run_batch(jobs, &context).await == Availability::Unavailable {
            // They came while a connection was waited for, and each would wait as long again.
            while let Ok(job) = queue.try_recv() {
                retry::fail(job, StoreError::Unavailable(None), &context);
            }
        }
    }
}
