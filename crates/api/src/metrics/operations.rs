use std::time::Instant;

use async_graphql::Response;
use persistence::{Durations, Labels, SPANS};
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use tracing::{Instrument, Span};

use super::problem;
use crate::graphql::{Code, Failure, OperationLabel};

/// The outcome of what was answered as it was asked for.
const OK: &str = "ok";
/// The outcome of what nobody waited for any more.
const ABANDONED: &str = "abandoned";

/// What an operation came to.
pub(crate) trait Answer {
    /// The code of the first thing that went wrong.
    fn failed(&self) -> Option<&'static str>;
}

/// The operations of a graph, by what they are about and how they ended.
#[derive(Clone, Debug)]
pub(crate) struct Operations {
    ended: Family<Labels<2>, Counter>,
    durations: Durations,
    in_flight: Gauge,
}

impl Default for Operations {
    fn default() -> Self {
        Self { ended: Family::default(), durations: Durations::by("operation"), in_flight: Gauge::default() }
    }
}

impl Operations {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Operations that ended, by root field and outcome";
        registry.register("operations", help, self.ended.clone());
        let help = "How long a query or a mutation took to answer";
        self.durations.register(registry, "operation_duration", help);
        let help = "Queries and mutations that are being answered";
        registry.register("operations_in_flight", help, self.in_flight.clone());
    }

    /// Something about this ended so.
    pub(crate) fn count(&self, field: &'static str, outcome: &'static str) {
        self.ended.get_or_create(&[("operation", field), ("outcome", outcome)]).inc();
    }

    /// Answers a query or a mutation, and takes down how that went.
    pub(crate) async fn answer<A: Answer>(&self, topic: OperationLabel, answering: impl Future<Output = A>) -> A {
        let underway = Underway { operations: self, topic, begun: Instant::now(), outcome: ABANDONED };
        self.in_flight.inc();
        underway.finish(answering).await
    }

    /// Something about this was refused before it began.
    pub(crate) fn refuse(&self, topic: OperationLabel, refusal: &Response) {
        self.count(topic.field, refusal.failed().unwrap_or(OK));
    }

    /// A subscription begins; it is counted when it ends.
    pub(crate) fn subscribe(&self, topic: OperationLabel) -> Subscribed {
        Subscribed { operations: self.clone(), topic, outcome: OK, beginning: Some(span(topic)) }
    }
}

/// A query or a mutation that is being answered. Dropped before it is, nobody waits for it.
struct Underway<'a> {
    operations: &'a Operations,
    topic: OperationLabel,
    begun: Instant,
    outcome: &'static str,
}

impl Underway<'_> {
    async fn finish<A: Answer>(mut self, answering: impl Future<Output = A>) -> A {
        let span = span(self.topic);
        let (answer, problem) = problem::met_in(answering).instrument(span.clone()).await;
        let failed = answer.failed();
        self.outcome = failed.or(problem).unwrap_or(OK);
        note(&span, failed.is_some(), self.outcome);
        answer
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        let Self { operations, topic, begun, outcome } = self;
        operations.in_flight.dec();
        operations.count(topic.field, outcome);
        operations.durations.record(topic.field, begun.elapsed());
    }
}

/// A subscription that runs.
pub(crate) struct Subscribed {
    operations: Operations,
    topic: OperationLabel,
    outcome: &'static str,
    /// The span of what comes before the first answer. What it tells later may be hours later.
    beginning: Option<Span>,
}

impl Subscribed {
    /// The span in which it is to be looked for its next answer.
    pub(crate) fn span(&self) -> Span {
        self.beginning.clone().unwrap_or_else(Span::none)
    }

    /// It has answered.
    pub(crate) fn note(&mut self, answer: &Response) {
        let failed = answer.failed();
        self.outcome = failed.unwrap_or(self.outcome);
        if let Some(span) = self.beginning.take() {
            note(&span, failed.is_some(), failed.unwrap_or(OK));
        }
    }
}

impl Drop for Subscribed {
    fn drop(&mut self) {
        self.operations.count(self.topic.field, self.outcome);
    }
}

impl Answer for Response {
    fn failed(&self) -> Option<&'static str> {
        self.errors.first().map(|error| Code::of(error).unwrap_or(Code::InternalServerError).name())
    }
}

impl<T> Answer for Result<T, Failure> {
    fn failed(&self) -> Option<&'static str> {
        self.as_ref().err().map(|failure| failure.code.name())
    }
}

fn span(topic: OperationLabel) -> Span {
    let OperationLabel { kind, field } = topic;
    tracing::info_span!(
        target: SPANS,
        "operation",
        otel.name = format_args!("{kind} {field}"),
        otel.status_code = tracing::field::Empty,
        graphql.operation.type = kind,
        atelier.operation = field,
        atelier.outcome = tracing::field::Empty,
    )
}

fn note(span: &Span, failed: bool, outcome: &'static str) {
    span.record("atelier.outcome", outcome);
    if failed {
        span.record("otel.status_code", "ERROR");
    }
}
