//! How a batch is settled, and what becomes of its commands when it fails.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use domain::WorkshopId;
use futures_util::FutureExt;
use tracing::Instrument;

use super::{Job, LaneContext, batch};
use crate::{StoreError, database::transaction::ReconnectPolicy, metrics::CommandOutcome, spans::SPANS};

/// The longest that a transaction may take, at a database that does not even say that it is gone.
const LONGEST: Duration = Duration::from_secs(30);

/// Whether there is a database to ask.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Availability {
    Available,
    Unavailable,
}

/// Settles a batch. If it fails as a whole each command is tried alone, so that a bad one cannot fail its neighbours.
pub(super) async fn run_batch(mut jobs: Vec<Box<dyn Job>>, context: &LaneContext) -> Availability {
    if jobs.is_empty() {
        return Availability::Available;
    }
    let Err(fault) = commit(context, &mut jobs).await else {
        for job in jobs {
            answer(job, context);
        }
        return Availability::Available;
    };
    tracing::warn!(?fault, commands = jobs.len(), "a batch failed");
    let reach = if fault.is_out_of_reach() { Availability::Unavailable } else { Availability::Available };
    let mut out_of_reach = OutOfReach::of(&fault);
    for mut job in jobs {
        let workshop = job.workshop();
        if out_of_reach.includes(workshop) {
            // Each attempt would only keep the others waiting.
            fail(job, StoreError::Unavailable(None), context);
            continue;
        }
        match commit(context, std::slice::from_mut(&mut job)).await {
            Ok(()) => answer(job, context),
            Err(fault) => {
                out_of_reach.widen(workshop, &fault);
                fail(job, fault, context);
            }
        }
    }
    reach
}

fn answer(job: Box<dyn Job>, context: &LaneContext) {
    context.metrics.commands.count(job.operation(), job.ending());
    job.answer();
}

pub(super) fn fail(job: Box<dyn Job>, fault: StoreError, context: &LaneContext) {
    context.metrics.commands.count(job.operation(), CommandOutcome::Failed);
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
async fn commit(context: &LaneContext, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let (begun, commands, span) = (Instant::now(), jobs.len(), span(jobs));
    let committed = exchanging(context, jobs).instrument(span.clone()).await;
    context.metrics.lanes.note_batch(commands, begun.elapsed(), committed.is_err());
    if committed.is_err() {
        span.record("otel.status_code", "ERROR");
    }
    committed
}

async fn exchanging(context: &LaneContext, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let exchange = ReconnectPolicy::begin();
    loop {
        let attempt = AssertUnwindSafe(batch::commit(context, jobs)).catch_unwind();
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
