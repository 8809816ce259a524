use async_graphql::Response as GraphqlResponse;
use axum::extract::ws::Message;
use futures_util::{StreamExt, stream::BoxStream};
use tokio::sync::mpsc;
use tracing::Instrument;

use super::message::{complete, error, next};
use crate::graphql::is_request_error;

/// A message of an operation for the client.
pub(super) struct Outgoing {
    pub(super) operation: String,
    /// Distinguishes the operation from an earlier one with the same id.
    pub(super) number: u64,
    pub(super) message: Message,
    /// Whether the operation ends with this message.
    pub(super) is_last: bool,
}

/// Sends the responses of an operation to the outbox, each when the outbox has room. Stops if the session has ended.
pub(super) fn run(
    operation: String,
    number: u64,
    mut responses: BoxStream<'static, GraphqlResponse>,
    outbox: mpsc::Sender<Outgoing>,
) -> impl Future<Output = ()> {
    let work = async move {
        let outgoing = |message, is_last| Outgoing { operation: operation.clone(), number, message, is_last };
        while let Some(response) = responses.next().await {
            // In the protocol, `error` is the last message of an operation that was not executed.
            let is_last = is_request_error(&response);
            let message = if is_last { error(&operation, &response.errors) } else { next(&operation, &response) };
            if outbox.send(outgoing(message, is_last)).await.is_err() || is_last {
                return;
            }
        }
        let _ = outbox.send(outgoing(complete(&operation), true)).await;
    };
    work.instrument(tracing::Span::current())
}
