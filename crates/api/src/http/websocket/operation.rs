use std::sync::Arc;

use async_graphql::Response as GraphqlResponse;
use axum::extract::ws::Message;
use futures_util::{StreamExt, stream::BoxStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tracing::Instrument;

use super::message::{complete, error, next};
use crate::graphql::is_request_error;

/// The number of messages that can wait for a slow client. Operations pause when the outbox is full.
const MESSAGES: usize = 16;
/// The bytes of messages that can wait for a slow client. A single longer message can wait, too.
const BYTES: u32 = 1024 * 1024;

/// A message of an operation for the client.
pub(super) struct Outgoing {
    pub(super) operation: String,
    /// Distinguishes the operation from an earlier one with the same id.
    pub(super) number: u64,
    pub(super) message: Message,
    /// Whether the operation ends with this message.
    pub(super) is_last: bool,
    /// The bytes that the message takes in the outbox.
    _bytes: OwnedSemaphorePermit,
}

/// The messages that wait for the client of a WebSocket.
#[derive(Clone)]
pub(super) struct Outbox {
    messages: mpsc::Sender<Outgoing>,
    bytes: Arc<Semaphore>,
}

impl Outbox {
    pub(super) fn new() -> (Self, mpsc::Receiver<Outgoing>) {
        let (messages, received) = mpsc::channel(MESSAGES);
        (Self { messages, bytes: Arc::new(Semaphore::new(BYTES as usize)) }, received)
    }

    /// Adds a message when there is room. `None`: the session has ended.
    async fn send(&self, operation: &str, number: u64, message: Message, is_last: bool) -> Option<()> {
        let length = match &message {
            Message::Text(text) => u32::try_from(text.len()).unwrap_or(BYTES).min(BYTES),
            _ => 0,
        };
        let bytes = self.bytes.clone().acquire_many_owned(length).await.ok()?;
        let outgoing = Outgoing { operation: operation.to_owned(), number, message, is_last, _bytes: bytes };
        self.messages.send(outgoing).await.ok()
    }
}

/// Sends the responses of an operation to the outbox, each when the outbox has room. Stops if the session has ended.
pub(super) fn run(
    operation: String,
    number: u64,
    mut responses: BoxStream<'static, GraphqlResponse>,
    outbox: Outbox,
) -> impl Future<Output = ()> {
    let work = async move {
        while let Some(response) = responses.next().await {
            // In the protocol, `error` is the last message of an operation that was not executed.
            let is_last = is_request_error(&response);
            let message = if is_last { error(&operation, &response.errors) } else { next(&operation, &response) };
            drop(response);
            if outbox.send(&operation, number, message, is_last).await.is_none() || is_last {
                return;
            }
        }
        outbox.send(&operation, number, complete(&operation), true).await;
    };
    work.instrument(tracing::Span::current())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_graphql::{Response, Value};
    use futures_util::{FutureExt, stream};

    use super::*;

    /// Returns how many responses of this length an operation takes while the client reads none.
    fn taken_responses(length: usize) -> usize {
        let taken = Arc::new(AtomicUsize::new(0));
        let count = taken.clone();
        let responses = stream::repeat_with(move || {
            count.fetch_add(1, Ordering::Relaxed);
            Response::new(Value::from("x".repeat(length)))
        });
        let (outbox, _received) = Outbox::new();
        assert!(run("1".to_owned(), 1, responses.boxed(), outbox).now_or_never().is_none(), "it waits for room");
        taken.load(Ordering::Relaxed)
    }

    #[test]
    fn few_large_responses_wait_for_a_slow_client() {
        assert_eq!(taken_responses(10), MESSAGES + 1);
        assert_eq!(taken_responses(500 * 1024), 3);
        assert_eq!(taken_responses(10 * BYTES as usize), 2, "one waits in the outbox, and one to get there");
    }
}
