use std::borrow::Cow;

use opentelemetry::{
    Context, KeyValue,
    time::now,
    trace::{Span, SpanBuilder, SpanKind, Status, TraceContextExt, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;
use persistence::ExecutedQuery;

/// The most of a statement's text that is told, in bytes. One for a whole batch repeats itself for pages.
const MOST_TEXT: usize = 2_000;

/// Makes a span of a statement that was just run, below the span that it was run in.
pub(super) fn trace(tracer: &SdkTracer, statement: ExecutedQuery<'_>) {
    let context = Context::current();
    // What nobody asked for, or nobody traces, stands alone and tells nothing.
    if !context.span().span_context().is_sampled() {
        return;
    }
    let end = now();
    let start = end.checked_sub(statement.elapsed).unwrap_or(end);
    let word = statement.text.split_ascii_whitespace().next().unwrap_or("statement").to_owned();
    let text = shortened(statement.text).to_owned();
    let attributes = vec![KeyValue::new("db.operation.name", word.clone()), KeyValue::new("db.query.text", text)];
    let builder = SpanBuilder::from_name(Cow::Owned(word)).with_kind(SpanKind::Client).with_start_time(start);
    let mut span = tracer.build_with_context(builder.with_attributes(attributes), &context);
    if statement.failed {
        span.set_status(Status::error(""));
    }
    span.end_with_timestamp(end);
}

fn shortened(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MOST_TEXT)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_statement_is_cut_between_letters() {
        assert_eq!(shortened("SELECT 1"), "SELECT 1");
        let long = format!("{}é", "a".repeat(MOST_TEXT - 1));
        assert_eq!(shortened(&long).len(), MOST_TEXT - 1);
    }
}
