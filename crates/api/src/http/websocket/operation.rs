use async_graphql::Response as Answer;
use axum::extract::ws::Message;
use futures_util::{StreamExt, stream::BoxStream};
use tokio::sync::mpsc;
use tracing::Instrument;

use super::message::{complete, next, refused};
use crate::graphql::is_request_error;

/// What an operation has to tell; the number keeps it apart from an earlier one of the same name.
pub(super) struct Told {
    pub(super) operation: String,
    pub(super) number: u64,
    pub(super) message: Message,
    /// Whether it has nothing more to tell.
    pub(super) is_last: bool,
}

/// Passes on the answers to an operation, each when there is room for it. Whoever would hear them may be gone; then
/// nobody misses them.
pub(super) fn run(
    operation: String,
    number: u64,
    mut answers: BoxStream<'static, Answer>,
    outbox: mpsc::Sender<Told>,
) -> impl Future<Output = ()> {
    let work = async move {
        let told = |message, is_last| Told { operation: operation.clone(), number, message, is_last };
        while let Some(answer) = answers.next().await {
            // One that was never executed ends with an error, which nothing follows.
            let is_last = is_request_error(&answer);
            let message = if is_last { refused(&operation, &answer.errors) } else { next(&operation, &answer) };
            if outbox.send(told(message, is_last)).await.is_err() || is_last {
                return;
            }
        }
        let _ = outbox.send(told(complete(&operation), true)).await;
    };
    work.instrument(tracing::Span::current())
}
