//! Metrics and spans of operations.

use std::time::Instant;

use persistence::{Durations, Labels, SPANS};
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use tracing::{Instrument, Span};

use super::problem;

/// The outcome of a successful operation.
const OK: &str = "ok";
/// The outcome of an operation whose client disconnected.
const ABANDONED: &str = "abandoned";

/// The kind and the root field of an operation. Both are names of the schema, never text of a client.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct OperationLabel {
    /// `query`, `mutation` or `subscription`.
    pub(crate) kind: &'static str,
    /// The root field, or a word for a document without one field of ours.
    pub(crate) field: &'static str,
}

/// The result of an operation that is measured.
pub(crate) trait Measured {
    /// The code of the first error.
    fn error_code(&self) -> Option<&'static str>;
}

/// The metrics of all operations, by root field and outcome.
#[derive(Clone, Debug)]
pub(crate) struct OperationMetrics {
    ended: Family<Labels<2>, Counter>,
    durations: Durations,
    in_flight: Gauge,
}

impl Default for OperationMetrics {
    fn default() -> Self {
        Self { ended: Family::default(), durations: Durations::by("operation"), in_flight: Gauge::default() }
    }
}

impl OperationMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Ended operations, by root field and outcome";
        registry.register("operations", help, self.ended.clone());
        let help = "Duration of queries and mutations";
        self.durations.register(registry, "operation_duration", help);
        let help = "Queries and mutations in progress";
        registry.register("operations_in_flight", help, self.in_flight.clone());
    }

    /// Counts an ended operation.
    pub(crate) fn count(&self, field: &'static str, outcome: &'static str) {
        self.ended.get_or_create(&[("operation", field), ("outcome", outcome)]).inc();
    }

    /// Runs a query or a mutation and measures it.
    pub(crate) async fn measure<A: Measured>(&self, label: OperationLabel, operation: impl Future<Output = A>) -> A {
        let running = RunningOperation { metrics: self, label, start: Instant::now(), outcome: ABANDONED };
        self.in_flight.inc();
        running.finish(operation).await
    }

    /// Counts an operation that was rejected before it started.
    pub(crate) fn count_rejected(&self, label: OperationLabel, response: &impl Measured) {
        self.count(label.field, response.error_code().unwrap_or(OK));
    }

    /// Starts to measure a subscription. It is counted when it ends.
    pub(crate) fn begin_subscription(&self, label: OperationLabel) -> SubscriptionMetrics {
        SubscriptionMetrics { metrics: self.clone(), label, outcome: OK, start_span: Some(span(label)) }
    }
}

/// A query or a mutation in progress. If it is dropped before it finishes, it counts as abandoned.
struct RunningOperation<'a> {
    metrics: &'a OperationMetrics,
    label: OperationLabel,
    start: Instant,
    outcome: &'static str,
}

impl RunningOperation<'_> {
    async fn finish<A: Measured>(mut self, operation: impl Future<Output = A>) -> A {
        let span = span(self.label);
        let (result, problem) = problem::with_problem(operation).instrument(span.clone()).await;
        let error_code = result.error_code();
        self.outcome = error_code.or(problem).unwrap_or(OK);
        record(&span, error_code.is_some(), self.outcome);
        result
    }
}

impl Drop for RunningOperation<'_> {
    fn drop(&mut self) {
        let Self { metrics, label, start, outcome } = self;
        metrics.in_flight.dec();
        metrics.count(label.field, outcome);
        metrics.durations.record(label.field, start.elapsed());
    }
}

/// The metrics of a running subscription.
pub(crate) struct SubscriptionMetrics {
    metrics: OperationMetrics,
    label: OperationLabel,
    outcome: &'static str,
    /// The span until the first response. Later responses can come hours later and have no span.
    start_span: Option<Span>,
}

impl SubscriptionMetrics {
    /// The span in which to poll for the next response.
    pub(crate) fn span(&self) -> Span {
        self.start_span.clone().unwrap_or_else(Span::none)
    }

    /// Records a response.
    pub(crate) fn record(&mut self, response: &impl Measured) {
        let error_code = response.error_code();
        self.outcome = error_code.unwrap_or(self.outcome);
        if let Some(span) = self.start_span.take() {
            record(&span, error_code.is_some(), error_code.unwrap_or(OK));
        }
    }
}

impl Drop for SubscriptionMetrics {
    fn drop(&mut self) {
        self.metrics.count(self.label.field, self.outcome);
    }
}

fn span(label: OperationLabel) -> Span {
    let OperationLabel { kind, field } = label;
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

fn record(span: &Span, failed: bool, outcome: &'static str) {
    span.record("atelier.outcome", outcome);
    if failed {
        span.record("otel.status_code", "ERROR");
    }
}
