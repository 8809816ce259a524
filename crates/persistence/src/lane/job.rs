use domain::{Timestamp, WorkshopId};
use tokio::{sync::oneshot, time::Instant};
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

/// A command of any type in the queue of a lane.
pub(super) trait Job: Send {
    fn workshop(&self) -> WorkshopId;
    /// The name of the command.
    fn operation(&self) -> &'static str;
    /// The span of the request, if it is traced.
    fn origin(&self) -> Option<Id>;
    /// The outcome of the decision.
    fn outcome(&self) -> CommandOutcome;
    fn key(&self) -> Option<ScopedKey>;
    /// When the command was queued.
    fn queued_at(&self) -> Instant;
    fn plan_load(&self, plan: &mut LoadPlan);
    /// Decides the command and keeps the result, which replaces the result of an earlier decision.
    fn decide(&mut self, batch: &mut Batch, now: Timestamp) -> Result<(), StoreError>;
    /// Sends the result to the caller. Only after the commit.
    fn respond(self: Box<Self>);
    /// Sends a fault to the caller.
    fn fail(self: Box<Self>, fault: StoreError);
}

/// A command with its context, in the queue of a lane.
pub(super) struct QueuedCommand<C: Command> {
    command: C,
    context: ErasedContext,
    result: Option<Outcome<C>>,
    queued_at: Instant,
    reply: Reply<C>,
    origin: Option<Id>,
}

impl<C: Command> QueuedCommand<C> {
    pub(super) fn new(command: C, context: ErasedContext, reply: Reply<C>) -> Self {
        let is_traced = tracing::enabled!(target: SPANS, tracing::Level::INFO);
        let origin = is_traced.then(|| tracing::Span::current().id()).flatten();
        Self { command, context, result: None, queued_at: Instant::now(), reply, origin }
    }

    fn send(self, response: Result<Outcome<C>, StoreError>) {
        // The caller can be gone. The decision is valid all the same.
        let _ = self.reply.send(response);
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

    fn outcome(&self) -> CommandOutcome {
        match &self.result {
            Some(Ok(_)) => CommandOutcome::Done,
            Some(Err(_)) => CommandOutcome::Refused,
            None => CommandOutcome::Failed,
        }
    }

    fn key(&self) -> Option<ScopedKey> {
        self.context.key()
    }

    fn queued_at(&self) -> Instant {
        self.queued_at
    }

    fn plan_load(&self, plan: &mut LoadPlan) {
        plan.workshops.insert(self.workshop());
        self.command.plan_load(plan);
        plan.plan_guest_centers(&self.context.authority);
    }

    fn decide(&mut self, batch: &mut Batch, now: Timestamp) -> Result<(), StoreError> {
        let key = self.key();
        let fingerprint = self.command.fingerprint();
        let result = match batch.keys.response(key.as_ref(), &fingerprint)? {
            Some(response) => response,
            None => {
                let Batch { aggregates, writes, .. } = batch;
                let mut aggregate = aggregates.get_mut(&self.command.workshop());
                let authority = &self.context.authority;
                let result = self.command.decide(aggregate.as_deref_mut(), now, authority);
                let has_changes = aggregate.as_ref().is_some_and(|aggregate| !aggregate.transitions().is_empty());
                match (&result, aggregate) {
                    (Ok(_), Some(aggregate)) => writes.record(aggregate, authority.actor()),
                    (Err(_), Some(_)) if has_changes => {
                        return Err(StoreError::corrupt("a refused command", "it changed registrations".to_owned()));
                    }
                    _ => {}
                }
                // A command that changed nothing is not stored: a retry is safe. After a refusal it can succeed by then.
                if let (Ok(success), Some(key), true) = (&result, key, has_changes) {
                    batch.keys.save(key, &fingerprint, success.encode());
                }
                result
            }
        };
        self.result = Some(result);
        Ok(())
    }

    fn respond(mut self: Box<Self>) {
        let result = self.result.take().ok_or(StoreError::Panicked);
        self.send(result);
    }

    fn fail(self: Box<Self>, fault: StoreError) {
        self.send(Err(fault));
    }
}
