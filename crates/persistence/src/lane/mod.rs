//! Lanes: the only way in which registrations change.
//!
//! A lane is a group-commit worker: a task that owns a queue. A workshop always hashes to the same lane. The lane takes
//! everything that is queued, one command or hundreds, and processes it in one transaction. It locks the workshops, loads
//! their aggregates, decides each command in the order of arrival, writes all changes, commits, and only then responds.
//! There is no timer: an idle lane starts at once, and a busy one finds the next batch in its queue. A command that waited
//! longer than a caller does is rejected as overload, because processing it would only delay the others.
//!
//! A lane never waits for a workshop. If another transaction holds one, its commands wait beside the lane, in one session of
//! the database for all commands and edits of this server.
//!
//! The lanes have their own thread, so that other requests never delay a lane, even if thousands of them are rejected at
//! the same time.
//!
//! Correctness comes from the locks of the database, which the lanes make cheap: several servers on one database are safe.

mod batch;
mod held;
mod job;
mod retry;
mod thread;
mod worker;

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::WorkshopId;
use sea_orm::{DatabaseConnection, DbBackend};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use held::HeldWorkshops;
use job::{Job, QueuedCommand};
use thread::Thread;
use worker::Worker;

use crate::{
    Clock, Options, StoreError,
    commands::{Command, ErasedContext},
    database::{row_lock::LockMode, waiting::WaitingConnections},
    idempotency::Retention,
    keyed_mutex::KeyedMutex,
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
    /// The rows that this server changes at the moment.
    row_turns: KeyedMutex<Uuid>,
    /// The connections that wait for held workshops.
    waiting: WaitingConnections,
    max_batch: usize,
    /// The longest time in the queue of a lane.
    queue_timeout: Duration,
    /// The longest time in the queue of a held workshop.
    wait_timeout: Duration,
}

impl LaneContext {
    /// The connections for a transaction.
    fn connections(&self, lock_mode: LockMode) -> &DatabaseConnection {
        match lock_mode {
            LockMode::WaitUntil(_) => &self.waiting.pool,
            LockMode::SkipHeld | LockMode::None => &self.db,
        }
    }
}

type Queue = mpsc::Sender<Box<dyn Job>>;

/// All lanes of a store.
pub(crate) struct Lanes {
    queues: Mutex<Vec<Queue>>,
    /// The commands of each lane that wait for their workshop.
    held: Vec<Arc<HeldWorkshops>>,
    thread: Thread,
    /// The connections of the lanes.
    pub(crate) db: DatabaseConnection,
    metrics: Metrics,
}

impl Lanes {
    /// Starts the lanes on connections that `connect` makes.
    pub(crate) async fn start(
        connect: impl Future<Output = Result<DatabaseConnection, StoreError>> + Send + 'static,
        waiting: &WaitingConnections,
        options: &Options,
        notifier: &ChangeNotifier,
        metrics: &Metrics,
        retention: &Retention,
        row_turns: &KeyedMutex<Uuid>,
    ) -> Result<Self, StoreError> {
        let Settings { lanes, queue: queue_size, batch } = options.lanes;
        let (db, thread) = Thread::start(connect).await?;
        let lanes = if db.get_database_backend() == DbBackend::Sqlite { 1 } else { lanes.max(1) };
        let context = Arc::new(LaneContext {
            db: db.clone(),
            clock: options.clock.clone(),
            notifier: notifier.clone(),
            metrics: metrics.clone(),
            retention: retention.clone(),
            row_turns: row_turns.clone(),
            waiting: waiting.clone(),
            max_batch: batch.max(1),
            queue_timeout: options.acquire_timeout,
            wait_timeout: options.acquire_timeout.min(options.lock_timeout),
        });
        let (mut queues, mut held) = (Vec::new(), Vec::new());
        for _ in 0..lanes {
            let (queue, jobs) = mpsc::channel(queue_size.max(1));
            let held_by_others = Arc::new(HeldWorkshops::new(queue_size.max(1)));
            thread.spawn(Worker::new(context.clone(), held_by_others.clone()).run(jobs));
            queues.push(queue);
            held.push(held_by_others);
        }
        Ok(Self { queues: Mutex::new(queues), held, thread, db, metrics: metrics.clone() })
    }

    /// Queues a command and waits for its response. A queued command is processed even if the caller stops waiting.
    pub(crate) async fn submit<C: Command>(
        &self,
        command: C,
        context: ErasedContext,
    ) -> Result<Result<C::Success, C::Refusal>, StoreError> {
        let (reply, response) = oneshot::channel();
        let operation = command.fingerprint().operation();
        let queue = self.queue(command.workshop()).ok_or(StoreError::Stopping)?;
        queue.try_send(Box::new(QueuedCommand::new(command, context, reply))).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                self.metrics.commands.count(operation, CommandOutcome::Overloaded);
                StoreError::Overloaded
            }
            mpsc::error::TrySendError::Closed(_) => StoreError::Stopping,
        })?;
        response.await.unwrap_or_else(|_| {
            // The task that had the command did not end normally.
            self.metrics.commands.count(operation, CommandOutcome::Failed);
            Err(StoreError::Panicked)
        })
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
        let queued = queues.iter().map(|queue| queue.max_capacity() - queue.capacity());
        queued.zip(&self.held).map(|(queued, held)| queued + held.len()).collect()
    }

    /// Accepts no more commands, processes those in the queues, and returns after the last response.
    pub(crate) async fn drain(&self) {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.thread.finish().await;
    }
}
