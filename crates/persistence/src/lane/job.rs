use domain::{Timestamp, WorkshopId};
use tokio::{
    sync::oneshot,
    time::{Duration, Instant},
};
use tracing::span::Id;

use super::batch::Batch;
use crate::{
    StoreError,
    aggregates::LoadPlan,
    commands::{Command, ErasedContext, StoredResult},
    idempotency::ScopedKey,
    metrics::CommandOutcome,
    spans::SPANS,
};

type Outcome<C> = Result<<C as Command>::Success, <C as Command>::Refusal>;
type Reply<C> = oneshot::Sender<Result<Outcome<C>, StoreError>>;

/// A command of any kind, as a lane sees it.
pub(super) trait Job: Send {
    fn workshop(&self) -> WorkshopId;
    /// The name of the command.
    fn operation(&self) -> &'static str;
    /// The span in which it was asked for, where there are traces.
    fn origin(&self) -> Option<Id>;
    /// How it ended, once it was decided.
    fn ending(&self) -> CommandOutcome;
    fn key(&self) -> Option<ScopedKey>;
    /// How long it has been in the queue.
    fn has_waited(&self) -> Duration;
    fn plan_load(&self, plan: &mut LoadPlan);
    /// Decides, and remembers the outcome; deciding again forgets the one before.
    fn decide(&mut self, batch: &mut Batch, now: Timestamp) -> Result<(), StoreError>;
    /// Tells the caller the outcome. Only after the commit.
    fn answer(self: Box<Self>);
    /// Tells the caller that there is none.
    fn fail(self: Box<Self>, fault: StoreError);
}

/// A command with its caller, in a lane's queue.
pub(super) struct QueuedCommand<C: Command> {
    command: C,
    context: ErasedContext,
    outcome: Option<Outcome<C>>,
    since: Instant,
    reply: Reply<C>,
    origin: Option<Id>,
}

impl<C: Command> QueuedCommand<C> {
    pub(super) fn new(command: C, context: ErasedContext, reply: Reply<C>) -> Self {
        let is_traced = tracing::enabled!(target: SPANS, tracing::Level::INFO);
        let origin = is_traced.then(|| tracing::Span::current().id()).flatten();
        Self { command, context, outcome: None, since: Instant::now(), reply, origin }
    }

    fn tell(self, answer: Result<Outcome<C>, StoreError>) {
        // A caller who has gone misses the answer; what was decided stands.
        let _ = self.reply.send(answer);
    }
}

impl<C: Command> Job for QueuedCommand<C> {
    fn workshop(&self) -> WorkshopId {
        self.command.workshop()
    }

    fn operation(&self) -> &'static str {
        self.command.fingerprint().operation()
    }

    fn origin(&self) -> Option<Id> {
        self.origin.clone()
    }

    fn ending(&self) -> CommandOutcome {
        match &self.outcome {
            Some(Ok(_)) => CommandOutcome::Done,
            Some(Err(_)) => CommandOutcome::Refused,
            None => CommandOutcome::Failed,
        }
    }

    fn key(&self) -> Option<ScopedKey> {
        self.context.key()
    }

    fn has_waited(&self) -> Duration {
        self.since.elapsed()
    }

    fn plan_load(&self, plan: &mut LoadPlan) {
        plan.workshops.insert(self.workshop());
        self.command.plan_load(plan);
        plan.plan_guest_centers(&self.context.authority);
    }

    fn decide(&mut self, batch: &mut Batch, now: Timestamp) -> Result<(), StoreError> {
        let key = self.key();
        let fingerprint = self.command.fingerprint();
        let outcome = match batch.keys.answer(key.as_ref(), &fingerprint)? {
            Some(answer) => answer,
            None => {
                let aggregate = batch.aggregates.get_mut(&self.command.workshop());
                let outcome = self.command.decide(aggregate, now, &self.context.authority, &mut batch.writes);
                // A refusal is not kept: it changed nothing, so asking again is safe and may by then be granted.
                if let (Ok(success), Some(key)) = (&outcome, key) {
                    batch.keys.keep(key, &fingerprint, success.encode());
                }
                outcome
            }
        };
        self.outcome = Some(outcome);
        Ok(())
    }

    fn answer(mut self: Box<Self>) {
        let outcome = self.outcome.take().ok_or(StoreError::Panicked);
        self.tell(outcome);
    }

    fn fail(self: Box<Self>, fault: StoreError) {
        self.tell(Err(fault));
    }
}
