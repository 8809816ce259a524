//! Lanes: the one way in which registrations change.
//!
//! A lane is a task that owns a queue, and a workshop always hashes to the same lane. The lane takes whatever has
//! queued, one command or hundreds, and settles it in one transaction: hold the workshops, load their desks, decide
//! each command in the order of arrival, write all outcomes, commit, and only then answer. There is no timer: an idle
//! lane starts at once, a busy one finds the next batch waiting when it is done. What has waited for longer than a caller
//! does is refused and not settled: it would only keep the others waiting as long.
//!
//! Lanes are the fast way to the database's own lock, not a lock: several servers on one database stay correct.

mod batch;
mod queued;

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    panic::AssertUnwindSafe,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::WorkshopId;
use futures_util::FutureExt;
use sea_orm::DatabaseConnection;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tracing::Instrument;

use queued::{Job, Queued};

use crate::{
    Clock, StoreError,
    commands::{Behalf, Command},
    live::Wake,
    metrics::{Ending, Metrics},
    spans::SPANS,
    transaction::Exchange,
};

/// The longest that a transaction may take, at a database that does not even say that it is gone.
const LONGEST: Duration = Duration::from_secs(30);

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
        Self { lanes: 4, queue: 10_000, batch: 512 }
    }
}

/// What a lane works with.
struct Bench {
    db: DatabaseConnection,
    clock: Clock,
    wake: Wake,
    metrics: Metrics,
}

type Queue = mpsc::Sender<Box<dyn Job>>;

/// All lanes of a store.
pub(crate) struct Lanes {
    queues: Mutex<Vec<Queue>>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    metrics: Metrics,
}

impl Lanes {
    /// Starts them. `patience`: the longest that a command waits in a queue.
    pub(crate) fn start(
        db: &DatabaseConnection,
        clock: &Clock,
        wake: &Wake,
        metrics: &Metrics,
        settings: Settings,
        patience: Duration,
    ) -> Self {
        let lanes = if db.get_database_backend() == sea_orm::DbBackend::Sqlite { 1 } else { settings.lanes.max(1) };
        let (queues, tasks) = (0..lanes)
            .map(|_| {
                let (queue, jobs) = mpsc::channel(settings.queue.max(1));
                let (clock, wake, metrics) = (clock.clone(), wake.clone(), metrics.clone());
                let bench = Bench { db: db.clone(), clock, wake, metrics };
                (queue, tokio::spawn(run(jobs, bench, settings.batch.max(1), patience)))
            })
            .unzip();
        Self { queues: Mutex::new(queues), tasks: Mutex::new(tasks), metrics: metrics.clone() }
    }

    /// Queues a command and waits for its answer. Once queued it is settled, whether or not the caller still waits.
    pub(crate) async fn submit<C: Command>(
        &self,
        command: C,
        behalf: Behalf,
    ) -> Result<Result<C::Success, C::Refusal>, StoreError> {
        let (reply, answer) = oneshot::channel();
        let queue = self.queue(command.workshop()).ok_or(StoreError::Stopping)?;
        queue.try_send(Box::new(Queued::new(command, behalf, reply))).map_err(|error| match error {
            mpsc::error::TrySendError::Full(job) => {
                self.metrics.commands.count(job.operation(), Ending::Overloaded);
                StoreError::Overloaded
            }
            mpsc::error::TrySendError::Closed(_) => StoreError::Stopping,
        })?;
        answer.await.unwrap_or(Err(StoreError::Stopping))
    }

    fn queue(&self, workshop: WorkshopId) -> Option<Queue> {
        let mut hasher = DefaultHasher::new();
        workshop.hash(&mut hasher);
        let queues = self.queues.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
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
        self.queues.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        for task in tasks {
            if let Err(error) = task.await {
                // Not what was said of a panic, which may hold anything.
                tracing::error!(panicked = error.is_panic(), "a lane ended badly");
            }
        }
    }
}

async fn run(mut queue: mpsc::Receiver<Box<dyn Job>>, bench: Bench, most: usize, patience: Duration) {
    let mut jobs = Vec::with_capacity(most);
    while queue.recv_many(&mut jobs, most).await > 0 {
        let (stale, jobs): (Vec<_>, Vec<_>) = jobs.drain(..).partition(|job| job.has_waited() > patience);
        for job in stale {
            job.fail(StoreError::Overloaded);
        }
        if settle(jobs, &bench).await == Reach::None {
            // They came while a connection was waited for, and each would wait as long again.
            while let Ok(job) = queue.try_recv() {
                job.fail(StoreError::Unavailable(None));
            }
        }
    }
}

/// Whether there is a database to ask.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Reach {
    Some,
    None,
}

/// Settles a batch. If it fails as a whole each command is tried alone, so that a bad one cannot fail its neighbours.
async fn settle(mut jobs: Vec<Box<dyn Job>>, bench: &Bench) -> Reach {
    if jobs.is_empty() {
        return Reach::Some;
    }
    let Err(fault) = commit(bench, &mut jobs).await else {
        for job in jobs {
            answer(job, bench);
        }
        return Reach::Some;
    };
    tracing::warn!(?fault, commands = jobs.len(), "a batch failed");
    let reach = if fault.is_out_of_reach() { Reach::None } else { Reach::Some };
    let mut out_of_reach = OutOfReach::of(&fault);
    for mut job in jobs {
        let workshop = job.workshop();
        if out_of_reach.includes(workshop) {
            // Each attempt would only keep the others waiting.
            fail(job, StoreError::Unavailable(None), bench);
            continue;
        }
        match commit(bench, std::slice::from_mut(&mut job)).await {
            Ok(()) => answer(job, bench),
            Err(fault) => {
                out_of_reach.widen(workshop, &fault);
                fail(job, fault, bench);
            }
        }
    }
    reach
}

fn answer(job: Box<dyn Job>, bench: &Bench) {
    bench.metrics.commands.count(job.operation(), job.ending());
    job.answer();
}

fn fail(job: Box<dyn Job>, fault: StoreError, bench: &Bench) {
    bench.metrics.commands.count(job.operation(), Ending::Failed);
    job.fail(fault);
}

/// What the commands of a batch that failed need not try.
enum OutOfReach {
    Nothing,
    /// A workshop that somebody else holds.
    One(WorkshopId),
    /// The database is gone, or held by somebody else on more than one workshop; or all may be done already, and would
    /// meet what they did themselves.
    All,
}

impl OutOfReach {
    fn of(fault: &StoreError) -> Self {
        if fault.is_database_gone() { Self::All } else { Self::Nothing }
    }

    fn includes(&self, workshop: WorkshopId) -> bool {
        match self {
            Self::Nothing => false,
            Self::One(held) => *held == workshop,
            Self::All => true,
        }
    }

    fn widen(&mut self, workshop: WorkshopId, fault: &StoreError) {
        if fault.is_database_gone() {
            *self = Self::All;
        } else if matches!(fault, StoreError::Unavailable(Some(_))) {
            *self = if matches!(self, Self::Nothing) { Self::One(workshop) } else { Self::All };
        }
    }
}

/// Commits a batch; a rule that panics is a fault like any other, and the transaction is dropped. A connection that had
/// died before is exchanged for another one.
async fn commit(bench: &Bench, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let (begun, commands, span) = (Instant::now(), jobs.len(), span(jobs));
    let committed = exchanging(bench, jobs).instrument(span.clone()).await;
    bench.metrics.lanes.note_batch(commands, begun.elapsed(), committed.is_err());
    if committed.is_err() {
        span.record("otel.status_code", "ERROR");
    }
    committed
}

async fn exchanging(bench: &Bench, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let exchange = Exchange::begin();
    loop {
        let attempt = AssertUnwindSafe(batch::commit(bench, jobs)).catch_unwind();
        match tokio::time::timeout(LONGEST, attempt).await {
            Err(_) => return Err(StoreError::Unavailable(None)),
            Ok(Err(_)) => return Err(StoreError::Panicked),
            Ok(Ok(Err(fault))) if exchange.takes(&fault) => {}
            Ok(Ok(done)) => return done,
        }
    }
}

/// The span of a batch. It is a part of no operation, for it settles those of many: it names them as where it comes from.
fn span(jobs: &[Box<dyn Job>]) -> tracing::Span {
    let status = tracing::field::Empty;
    let span = tracing::info_span!(
        target: SPANS, parent: None, "batch", atelier.commands = jobs.len(), otel.status_code = status
    );
    if !span.is_disabled() {
        for job in jobs {
            span.follows_from(job.origin());
        }
    }
    span
}
