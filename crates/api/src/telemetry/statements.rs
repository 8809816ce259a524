//! Spans of SQL statements.

use std::borrow::Cow;

use opentelemetry::{
    Context, KeyValue,
    time::now,
    trace::{Span, SpanBuilder, SpanKind, Status, TraceContextExt, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;
use persistence::ExecutedQuery;

/// The maximum bytes of a statement's text in a span. The statement of a whole batch is repetitive and long.
const MAX_TEXT_BYTES: usize = 2_000;

/// Creates a span for a statement that has just run, under the current span.
pub(super) fn trace(tracer: &SdkTracer, statement: ExecutedQuery<'_>) {
    let context = Context::current();
    // A statement outside a sampled trace would be a trace of its own.
    if !context.span().span_context().is_sampled() {
        return;
    }
    let end = now();
    let start = end.checked_sub(statement.elapsed).unwrap_or(end);
    let operation = statement.text.split_ascii_whitespace().next().unwrap_or("statement").to_owned();
    let text = truncated(statement.text).to_owned();
    let attributes = vec![KeyValue::new("db.operation.name", operation.clone()), KeyValue::new("db.query.text", text)];
    let builder = SpanBuilder::from_name(Cow::Owned(operation)).with_kind(SpanKind::Client).with_start_time(start);
    let mut span = tracer.build_with_context(builder.with_attributes(attributes), &context);
    if statement.failed {
        span.set_status(Status::error(""));
    }
    span.end_with_timestamp(end);
}

fn truncated(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MAX_TEXT_BYTES)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_statement_is_truncated_between_characters() {
        assert_eq!(truncated("SELECT 1"), "SELECT 1");
        let long = format!("{}é", "a".repeat(MAX_TEXT_BYTES - 1));
        assert_eq!(truncated(&long).len(), MAX_TEXT_BYTES - 1);
    }
}
