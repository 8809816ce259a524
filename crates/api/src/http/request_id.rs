use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use persistence::SPANS;
use tracing::{Instrument, Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use uuid::Uuid;

use super::{App, error::Refused, v1};
use crate::{graphql::RequestId, metrics::BEFORE_THE_GRAPH, telemetry};

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id, writes one line about it to the log, and tells the client the id.
pub(super) async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = given(request.headers()).unwrap_or_else(|| RequestId(Uuid::now_v7().to_string().into()));
    // The route, and never what was asked of it: a GET carries its variables there, and who mistypes an address may have
    // put anything into it.
    let path = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str);
    let trace = trace(request.headers());
    // Who calls is told by the name that the journal has, once it is known.
    let span = tracing::info_span!("request", id = &*id.0, method = %request.method(), path, trace, caller = Empty);
    let about_the_graph = request.uri().path().starts_with("/graphql") || v1::is_call(request.uri().path());
    let traced = if about_the_graph { traced(&request, path, &id) } else { Span::none() };
    request.extensions_mut().insert(id.clone());
    let outer = traced.clone();
    async {
        let begun = Instant::now();
        let mut response = next.run(request).await;
        let (status, elapsed_us) =
            (response.status().as_u16(), u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
        // Probes and the playground's files would drown the rest.
        if about_the_graph {
            tracing::info!(status, elapsed_us, "answered");
        } else {
            tracing::debug!(status, elapsed_us, "answered");
        }
        if let Some(Refused { code, .. }) = response.extensions().get() {
            app.metrics.operations().count(BEFORE_THE_GRAPH, code.name());
        }
        outer.record("http.response.status_code", status);
        if let Ok(value) = HeaderValue::from_str(&id.0) {
            response.headers_mut().insert(X_REQUEST_ID, value);
        }
        response
    }
    .instrument(span)
    // Around the span of the log, which is the one that learns who calls.
    .instrument(traced)
    .await
}

/// The span of a request in a trace, which may have begun elsewhere.
fn traced(request: &Request, path: &str, id: &RequestId) -> Span {
    let method = request.method().as_str();
    let span = tracing::info_span!(
        target: SPANS,
        "http",
        otel.name = format_args!("{method} {path}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = path,
        http.response.status_code = Empty,
        atelier.request_id = &*id.0,
    );
    if !span.is_disabled() {
        // It fails where the span is none of a trace; then there is nothing to continue.
        let _ = span.set_parent(telemetry::continued(request.headers()));
    }
    span
}

/// The trace that the request is a part of, as the `traceparent` of W3C's Trace Context has it. Atelier calls nobody to
/// whom it would have to be passed on.
fn trace(headers: &HeaderMap) -> Option<&str> {
    let parts: Vec<_> = headers.get("traceparent")?.to_str().ok()?.split('-').collect();
    let is_hex =
        |part: &str, length| part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    match parts[..] {
        ["00", trace, parent, flags] if is_hex(trace, 32) && is_hex(parent, 16) && is_hex(flags, 2) => {
            Some(trace).filter(|trace| trace.bytes().any(|byte| byte != b'0'))
        }
        _ => None,
    }
}

/// The caller's own id, if it is short and plain enough to stand in a log line.
fn given(headers: &HeaderMap) -> Option<RequestId> {
    let id = headers.get(X_REQUEST_ID)?.to_str().ok()?;
    let sane =
        (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    sane.then(|| RequestId(id.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_continued_if_it_is_one() {
        let read = |text: &str| {
            trace(&HeaderMap::from_iter([(HeaderName::from_static("traceparent"), text.parse().unwrap())]))
                .map(str::to_owned)
        };
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(read(&format!("00-{id}-00f067aa0ba902b7-01")).as_deref(), Some(id));
        for wrong in [
            "",
            "00",
            &format!("00-{id}-00f067aa0ba902b7"),
            &format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            &format!("00-{}-00f067aa0ba902b7-01", id.to_uppercase()),
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
