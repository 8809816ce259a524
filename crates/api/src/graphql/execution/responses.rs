use std::panic::AssertUnwindSafe;

use async_graphql::{Response, Value};
use domain::access::Access;
use futures_util::{
    Stream, StreamExt, future,
    stream::{self, BoxStream},
};
use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument;

use super::error_codes;
use crate::{
    graphql::{Code, Graph, Paid, PreparedRequest, RequestId},
    metrics::SubscriptionMetrics,
};

impl Graph {
    /// All answers to an operation: one to a query or a mutation, to a subscription one for each thing that happens.
    pub(crate) fn answers(
        &self,
        reading: PreparedRequest,
        access: Access,
        id: &RequestId,
    ) -> BoxStream<'static, Response> {
        let topic = reading.topic();
        if !reading.is_subscription() {
            let (graph, id) = (self.clone(), id.clone());
            return stream::once(async move { graph.execute(reading, access, &id).await }).boxed();
        }
        let refused = |errors| {
            let answer = error_codes::complete(Response::from_errors(errors), id);
            self.operations.count_rejected(topic, &answer);
            stream::once(future::ready(answer)).boxed()
        };
        let Some(permit) = self.subscriptions.try_acquire() else {
            let message = "The server has as many subscriptions as it can serve. Try again later.";
            return refused(vec![Code::Overloaded.error(message)]);
        };
        let (request, paid, place) = match self.charge(reading) {
            Ok(admitted) => admitted,
            Err(refusals) => return refused(refusals),
        };
        let look_ups = self.look_ups.of(access.authority(), |authority| self.store.view(authority));
        let request = self.equip(request.data(place), access, look_ups);
        let answers = AssertUnwindSafe(self.schema.execute_stream(request)).catch_unwind();
        let subscribed = self.operations.begin_subscription(topic);
        let running = Running {
            answers: Box::pin(answers),
            id: id.clone(),
            paid,
            has_begun: false,
            is_over: false,
            subscribed,
            _permit: permit,
        };
        stream::unfold(running, async |mut running| Some((running.next().await?, running))).boxed()
    }
}

/// A subscription. It has no time limit: what it waits for may be long in coming.
struct Running<S> {
    answers: S,
    id: RequestId,
    paid: Paid,
    has_begun: bool,
    is_over: bool,
    subscribed: SubscriptionMetrics,
    _permit: OwnedSemaphorePermit,
}

impl<S: Stream<Item = std::thread::Result<Response>> + Unpin> Running<S> {
    async fn next(&mut self) -> Option<Response> {
        if self.is_over {
            return None;
        }
        let mut answer = self.answers.next().instrument(self.subscribed.span()).await?.unwrap_or_else(|_| {
            tracing::error!("a resolver of a subscription panicked");
            self.is_over = true;
            Response::from_errors(vec![error_codes::masked()])
        });
        if !self.has_begun {
            self.paid.tell(&mut answer);
            if answer.data == Value::Null {
                // It could not begin. As with a query that is not executed the error is about the request and no field.
                answer.errors.iter_mut().for_each(|error| error.path.clear());
                self.is_over = true;
            }
        }
        self.has_begun = true;
        let answer = error_codes::complete(answer, &self.id);
        self.subscribed.record(&answer);
        Some(answer)
    }
}
