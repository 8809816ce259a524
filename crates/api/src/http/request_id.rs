//! The id, the log line and the trace span of each request.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use persistence::SPANS;
use tracing::{Instrument, Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use uuid::Uuid;

use super::{error::ErrorDetails, paths};
use crate::{
    graphql::RequestId,
    metrics::{Metrics, NO_OPERATION},
    telemetry,
};

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Assigns the request an id, logs one line when it is answered, and sends the id to the client.
pub(super) async fn identify(State(metrics): State<Metrics>, mut request: Request, next: Next) -> Response {
    let id = client_id(request.headers()).unwrap_or_else(|| RequestId(Uuid::now_v7().to_string().into()));
    // The route, not the path or the query string, which can contain personal data.
    let path = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str);
    let trace = trace_id(request.headers());
    // Authentication records the caller, under its name in the journal.
    let method = known_method(request.method());
    let span = tracing::info_span!("request", id = &*id.0, method, path, trace, caller = Empty);
    let is_operation = request.uri().path().starts_with("/graphql") || paths::is_rest_operation(request.uri().path());
    let trace_span = if is_operation { trace_span(&request, method, path, &id) } else { Span::none() };
    request.extensions_mut().insert(id.clone());
    let outer = trace_span.clone();
    async {
        let start = Instant::now();
        let mut response = next.run(request).await;
        let (status, elapsed_us) =
            (response.status().as_u16(), u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX));
        // Probes and static files are too frequent for the default level.
        if is_operation {
            tracing::info!(status, elapsed_us, "answered");
        } else {
            tracing::debug!(status, elapsed_us, "answered");
        }
        if let Some(ErrorDetails { code, .. }) = response.extensions().get() {
            metrics.operations().count(NO_OPERATION, code.name());
        }
        outer.record("http.response.status_code", status);
        if let Ok(value) = HeaderValue::from_str(&id.0) {
            response.headers_mut().insert(X_REQUEST_ID, value);
        }
        response
    }
    .instrument(span)
    // Outside the log's span, because authentication records the caller in the innermost span.
    .instrument(trace_span)
    .await
}

/// The name of a method in the log and in traces. A client can send any other text of any length as a method: it is
/// `_OTHER`, as OpenTelemetry names it.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::CONNECT => "CONNECT",
        Method::OPTIONS => "OPTIONS",
        Method::TRACE => "TRACE",
        Method::PATCH => "PATCH",
        _ => "_OTHER",
    }
}

/// The span of a request in a trace. The client can have started the trace.
fn trace_span(request: &Request, method: &'static str, path: &str, id: &RequestId) -> Span {
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
        // Fails if the span is not exported; then there is no trace to continue.
        let _ = span.set_parent(telemetry::parent_context(request.headers()));
    }
    span
}

/// The trace id in the `traceparent` header of W3C Trace Context, for the log.
fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let parts: Vec<_> = headers.get("traceparent")?.to_str().ok()?.split('-').collect();
    let is_hex =
        |part: &str, length| part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    match parts[..] {
        ["00", id, parent, flags] if is_hex(id, 32) && is_hex(parent, 16) && is_hex(flags, 2) => {
            Some(id).filter(|id| id.bytes().any(|byte| byte != b'0'))
        }
        _ => None,
    }
}

/// The id that the client sent, if it is short and contains only characters that are safe in a log.
fn client_id(headers: &HeaderMap) -> Option<RequestId> {
    let id = headers.get(X_REQUEST_ID)?.to_str().ok()?;
    let is_safe =
        (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    is_safe.then(|| RequestId(id.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_no_standard_defines_has_one_name() {
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"] {
            assert_eq!(known_method(&method.parse().unwrap()), method);
        }
        for method in ["get", "PROPFIND", &"X".repeat(100_000)] {
            assert_eq!(known_method(&method.parse().unwrap()), "_OTHER");
        }
    }

    #[test]
    fn a_valid_traceparent_has_a_trace_id() {
        let read = |text: &str| {
            trace_id(&HeaderMap::from_iter([(HeaderName::from_static("traceparent"), text.parse().unwrap())]))
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
