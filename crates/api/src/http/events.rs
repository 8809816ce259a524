//! GraphQL as server-sent events: the protocol of the graphql-sse library, in its distinct connections mode.

use std::convert::Infallible;

use async_graphql::Response as Answer;
use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::{FutureExt, StreamExt, future, stream};

use super::{App, body::Body, caller::Caller, graphql::write, negotiation::Media, rate_limit_headers};
use crate::{
    graphql::{Code, PreparedRequest, RequestId},
    rate_limit::{CostBudget, Level},
};

/// Keeps proxies from gathering what should go out at once.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Answers with an event for each answer, and one that says that there are no more. A client that has seen enough closes
/// the connection. When the server stops, or the caller is nobody any more, a subscription ends without that last event, so
/// that the client connects again; a query or a mutation that has begun is answered.
pub(super) fn answer(
    app: App,
    reading: PreparedRequest,
    caller: Caller,
    id: &RequestId,
    purse: &CostBudget,
) -> Response {
    let keep_alive = KeepAlive::new().interval(app.limits.websocket_ping_interval);
    let ended = future::select(app.stopping().boxed(), app.lapse(&caller));
    // An event without any data would be none to a browser.
    let complete = stream::once(async { Event::default().event("complete").data("\n") });
    let is_endless = reading.is_subscription();
    let mut answers = app.graph.responses(reading, caller.access, id).fuse();
    // Whether the caller can pay, and whether there is room for it, turns out at once, while there still is a status to
    // say it with.
    let first = answers.next().now_or_never();
    let cannot_pay = matches!(purse.paid(), Some((_, Level { wait: Some(_), .. })));
    if let Some(Some(refusal)) = &first
        && (cannot_pay || refusal.errors.iter().any(Code::is_retryable))
    {
        return rate_limit_headers::tell(write(refusal, Media::Json), purse);
    }
    let answers = stream::iter(first.flatten()).chain(answers);
    let events = answers.map(|answer| next(&answer)).chain(complete);
    let mut events = if is_endless { events.take_until(ended).boxed() } else { events.boxed() };
    // The request is answered, as far as the log is concerned, but what goes wrong from here on is still about it.
    let span = tracing::Span::current();
    let events = stream::poll_fn(move |context| {
        let _app = &app;
        span.in_scope(|| events.poll_next_unpin(context)).map(|event| event.map(Ok::<_, Infallible>))
    });
    let mut response = Sse::new(events).keep_alive(keep_alive).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    rate_limit_headers::tell(response, purse)
}

fn next(answer: &Answer) -> Event {
    let event = Event::default().event("next");
    match serde_json::to_string(&Body(answer)) {
        Ok(text) => event.data(text),
        Err(error) => {
            tracing::error!(?error, "an answer cannot be written");
            event.data(r#"{"data":null}"#)
        }
    }
}
