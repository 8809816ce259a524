//! The execution of a batch, and the retry of its commands one by one if it fails.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use domain::WorkshopId;
use futures_util::FutureExt;
use tracing::Instrument;

use super::{Job, LaneContext, batch};
use crate::{StoreError, database::transaction::ReconnectPolicy, metrics::CommandOutcome, spans::SPANS};

/// The longest duration of a transaction on a database that does not even report an error.
const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(30);

/// Whether a connection to the database is available.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Availability {
    Available,
    Unavailable,
}

/// Runs a batch. If it fails as a whole, each command is retried alone, so that one bad command cannot fail the others.
pub(super) async fn run_batch(mut jobs: Vec<Box<dyn Job>>, context: &LaneContext) -> Availability {
    if jobs.is_empty() {
        return Availability::Available;
    }
    let Err(fault) = commit(context, &mut jobs).await else {
        for job in jobs {
            respond(job, context);
        }
        return Availability::Available;
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
        match commit(context, std::slice::from_mut(&mut job)).await {
            Ok(()) => respond(job, context),
            Err(fault) => {
                skipped.add(workshop, &fault);
                fail(job, fault, context);
            }
        }
    }
    availability
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
    /// The commands of a workshop that another transaction locks.
    Workshop(WorkshopId),
    /// All commands: the database is unavailable, or more than one workshop is locked. Or the commit is in doubt, and a
    /// retry could repeat a command that succeeded.
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

/// Commits a batch. A rule that panics is a fault like any other, and drops the transaction. A connection that was already
/// dead is replaced.
async fn commit(context: &LaneContext, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let (started, commands, span) = (Instant::now(), jobs.len(), span(jobs));
    let committed = commit_with_reconnect(context, jobs).instrument(span.clone()).await;
    context.metrics.lanes.record_batch(commands, started.elapsed(), committed.is_err());
    if committed.is_err() {
        span.record("otel.status_code", "ERROR");
    }
    committed
}

async fn commit_with_reconnect(context: &LaneContext, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let reconnect = ReconnectPolicy::start();
    loop {
        let attempt = AssertUnwindSafe(batch::commit(context, jobs)).catch_unwind();
        match tokio::time::timeout(TRANSACTION_TIMEOUT, attempt).await {
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
