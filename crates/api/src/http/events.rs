//! GraphQL over server-sent events: the distinct connections mode of the graphql-sse protocol.

use std::convert::Infallible;

use async_graphql::{Response as GraphqlResponse, ServerError};
use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::{FutureExt, StreamExt, future, stream};

use super::{
    app::App,
    caller::Caller,
    media_type::MediaType,
    rate_limit_headers,
    response::{Body, write},
};
use crate::{
    graphql::{Code, PreparedRequest, RequestId},
    rate_limit::CostBudget,
};

/// Makes proxies forward events immediately.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Responds with one event for each GraphQL response, and a final `complete` event. A client closes the connection to stop
/// early. When the server stops or the caller's credential expires, a subscription ends without `complete`, so that the
/// client reconnects; a query or a mutation in progress still finishes.
pub(super) fn respond(
    app: App,
    request: PreparedRequest,
    caller: Caller,
    id: &RequestId,
    budget: &CostBudget,
) -> Response {
    let keep_alive = KeepAlive::new().interval(app.limits.websocket_ping_interval);
    let ended = future::select(app.stopping().boxed(), app.until_expired(&caller));
    // Browsers ignore an event without data.
    let complete = stream::once(async { Event::default().event("complete").data("\n") });
    let is_subscription = request.is_subscription();
    let mut responses = app.graph.responses(request, caller.access, id).fuse();
    // Rate limits and overload are known immediately, while the HTTP status can still be chosen.
    let first = responses.next().now_or_never();
    let is_early = |error: &ServerError| Code::is_rate_limited(error) || Code::is_retryable(error);
    if let Some(Some(rejection)) = &first
        && rejection.errors.iter().any(is_early)
    {
        return rate_limit_headers::add(write(rejection, MediaType::Json), budget);
    }
    let responses = stream::iter(first.flatten()).chain(responses);
    let events = responses.map(|response| next_event(&response)).chain(complete);
    let mut events = if is_subscription { events.take_until(ended).boxed() } else { events.boxed() };
    // The log line of the request is written now. Later log lines still belong to its span.
    let span = tracing::Span::current();
    let events = stream::poll_fn(move |context| {
        let _app = &app;
        span.in_scope(|| events.poll_next_unpin(context)).map(|event| event.map(Ok::<_, Infallible>))
    });
    let mut response = Sse::new(events).keep_alive(keep_alive).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    rate_limit_headers::add(response, budget)
}

fn next_event(response: &GraphqlResponse) -> Event {
    let event = Event::default().event("next");
    match serde_json::to_string(&Body(response)) {
        Ok(text) => event.data(text),
        Err(error) => {
            tracing::error!(?error, "cannot serialize a response");
            event.data(r#"{"data":null}"#)
        }
    }
}
