//! The execution of a batch, and the retry of its commands one by one if it fails.

use std::{
    collections::BTreeSet,
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use domain::WorkshopId;
use futures_util::FutureExt;
use tracing::Instrument;

use super::{Job, LaneContext, batch};
use crate::{
    StoreError,
    database::{row_lock::LockMode, transaction::ReconnectPolicy},
    metrics::CommandOutcome,
    spans::SPANS,
};

/// The longest duration of a transaction, without waits for a workshop, on a database that does not even report an error.
const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(30);

/// Whether a connection to the database is available.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Availability {
    Available,
    Unavailable,
}

/// The end of a batch.
pub(super) struct Finished {
    pub(super) availability: Availability,
    /// The commands whose workshop another transaction holds. They are undecided.
    pub(super) held: Vec<Box<dyn Job>>,
}

/// Runs a batch. If it fails as a whole, each command is retried alone, so that one bad command cannot fail the others.
pub(super) async fn run_batch(mut jobs: Vec<Box<dyn Job>>, context: &LaneContext, lock_mode: LockMode) -> Finished {
    let mut held = Vec::new();
    if jobs.is_empty() {
        return Finished { availability: Availability::Available, held };
    }
    let fault = match commit(context, &mut jobs, lock_mode).await {
        Ok(workshops) => {
            for job in jobs {
                if workshops.contains(&job.workshop()) {
                    held.push(job);
                } else {
                    respond(job, context);
                }
            }
            return Finished { availability: Availability::Available, held };
        }
        Err(fault) => fault,
    };
    tracing::warn!(?fault, commands = jobs.len(), "a batch failed; its commands are retried one by one");
    let availability =
        if fault.is_connection_unavailable() { Availability::Unavailable } else { Availability::Available };
    let mut skipped = SkippedRetries::after_batch(&fault);
    for mut job in jobs {
        let workshop = job.workshop();
        if skipped.include(workshop) {
            // Each attempt would only delay the others.
            fail(job, StoreError::Unavailable(None), context);
            continue;
        }
        if held.iter().any(|other| other.workshop() == workshop) {
            // It must not overtake an earlier command of its workshop.
            held.push(job);
            continue;
        }
        match commit(context, std::slice::from_mut(&mut job), lock_mode).await {
            Ok(workshops) if workshops.is_empty() => respond(job, context),
            Ok(_) => held.push(job),
            Err(fault) => {
                skipped.add(workshop, &fault);
                fail(job, fault, context);
            }
        }
    }
    Finished { availability, held }
}

fn respond(job: Box<dyn Job>, context: &LaneContext) {
    context.metrics.commands.count(job.operation(), job.outcome());
    job.respond();
}

pub(super) fn fail(job: Box<dyn Job>, fault: StoreError, context: &LaneContext) {
    context.metrics.commands.count(job.operation(), CommandOutcome::Failed);
    job.fail(fault);
}

/// The commands of a failed batch that are not retried.
enum SkippedRetries {
    None,
    /// The commands of a workshop: a command waited in vain for another transaction, which has the same key or table.
    Workshop(WorkshopId),
    /// All commands: the database is unavailable, or commands of more than one workshop waited in vain. Or the commit is in
    /// doubt, and a retry could repeat a command that succeeded.
    All,
}

impl SkippedRetries {
    fn after_batch(fault: &StoreError) -> Self {
        if fault.is_database_unavailable() { Self::All } else { Self::None }
    }

    fn include(&self, workshop: WorkshopId) -> bool {
        match self {
            Self::None => false,
            Self::Workshop(locked) => *locked == workshop,
            Self::All => true,
        }
    }

    fn add(&mut self, workshop: WorkshopId, fault: &StoreError) {
        if fault.is_database_unavailable() {
            *self = Self::All;
        } else if matches!(fault, StoreError::Unavailable(Some(_))) {
            *self = if matches!(self, Self::None) { Self::Workshop(workshop) } else { Self::All };
        }
    }
}

/// Commits a batch. A panic anywhere is a fault like any other. A connection that was already dead is replaced.
async fn commit(
    context: &LaneContext,
    jobs: &mut [Box<dyn Job>],
    lock_mode: LockMode,
) -> Result<BTreeSet<WorkshopId>, StoreError> {
    let (started, span) = (Instant::now(), span(jobs));
    let committed = commit_with_reconnect(context, jobs, lock_mode).instrument(span.clone()).await;
    let is_held = |job: &dyn Job| committed.as_ref().is_ok_and(|held| held.contains(&job.workshop()));
    let commands = jobs.iter().filter(|job| !is_held(job.as_ref())).count();
    // An attempt that only found held workshops is no batch.
    if commands > 0 {
        context.metrics.lanes.record_batch(commands, started.elapsed(), committed.is_err());
    }
    if committed.is_err() {
        span.record("otel.status_code", "ERROR");
    }
    committed
}

async fn commit_with_reconnect(
    context: &LaneContext,
    jobs: &mut [Box<dyn Job>],
    lock_mode: LockMode,
) -> Result<BTreeSet<WorkshopId>, StoreError> {
    let reconnect = ReconnectPolicy::start();
    loop {
        let attempt = AssertUnwindSafe(batch::commit(context, jobs, lock_mode)).catch_unwind();
        match tokio::time::timeout(TRANSACTION_TIMEOUT + lock_mode.longest_wait(), attempt).await {
            Err(_) => return Err(StoreError::Unavailable(None)),
            Ok(Err(_)) => return Err(StoreError::Panicked),
            Ok(Ok(Err(fault))) if reconnect.should_retry(&fault) => {}
            Ok(Ok(result)) => return result,
        }
    }
}

/// The span of a batch. A batch serves many operations, so the span has no parent and links to their spans.
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
