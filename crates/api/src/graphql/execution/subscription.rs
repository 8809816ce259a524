use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_graphql::{Data, Error, Pos, Response, Value};
use futures_util::{
    FutureExt, StreamExt,
    stream::{self, BoxStream},
};
use tokio::time::{Instant, sleep_until};
use tracing::Instrument;

use super::{
    admission::InFlightPermit,
    cost::event_cost,
    document_cache::Operation,
    error_codes::{self, Code, RequestId},
    events::{Event, EventSource, Events},
    fault::Fault,
    limits::ChargedCost,
    retained_bytes::RetainedBytes,
};
use crate::{graphql::Graph, metrics::SubscriptionMetrics, permit_pool::Permit, rate_limit::CostBudget};

/// The pause before an event is loaded again that could not be loaded.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);

/// A running subscription. It keeps the operation and executes it once for each event.
pub(in crate::graphql) struct RunningSubscription {
    pub(in crate::graphql) graph: Graph,
    pub(in crate::graphql) operation: Operation,
    /// The data that resolvers read from their context.
    pub(in crate::graphql) context: Arc<Data>,
    pub(in crate::graphql) id: RequestId,
    pub(in crate::graphql) cost: ChargedCost,
    pub(in crate::graphql) budget: CostBudget,
    pub(in crate::graphql) metered: SubscriptionMetrics,
    pub(in crate::graphql) retained: RetainedBytes,
    /// The place among the subscriptions of all clients.
    #[expect(dead_code, reason = "held until the subscription ends")]
    pub(in crate::graphql) permit: Permit,
}

/// The state of a subscription.
enum State {
    /// The source is not started. Until then the operation is in flight.
    New(InFlightPermit),
    /// At least one event was sent.
    Running(Events),
    Ended,
}

impl RunningSubscription {
    /// Returns the responses, each completed with error codes, and the first one with the cost.
    pub(in crate::graphql) fn into_stream(self, permit: InFlightPermit) -> BoxStream<'static, Response> {
        stream::unfold((self, State::New(permit)), async |(mut running, state)| {
            let (response, state) = running.next(state).await?;
            Some((response, (running, state)))
        })
        .boxed()
    }

    async fn next(&mut self, state: State) -> Option<(Response, State)> {
        let is_first = matches!(state, State::New(_));
        let next = AssertUnwindSafe(self.next_response(state)).catch_unwind();
        let next = next.instrument(self.metered.span()).await.unwrap_or_else(|_| {
            tracing::error!("the source of a subscription panicked");
            Some((Response::from_errors(vec![error_codes::internal_error()]), State::Ended))
        });
        let (mut response, state) = next?;
        if is_first {
            self.cost.write_to(&mut response);
        }
        if matches!(state, State::Ended) {
            // As for a query that is not executed, the error concerns the request and not a field.
            response.errors.iter_mut().for_each(|error| error.path.clear());
        }
        let response = error_codes::complete(response, &self.id);
        self.metered.record(&response);
        Some((response, state))
    }

    async fn next_response(&self, state: State) -> Option<(Response, State)> {
        let mut events = match state {
            State::New(permit) => match self.start().await {
                Ok(events) => {
                    // From here on the subscription only waits for events.
                    drop(permit);
                    events
                }
                Err(response) => return Some((response, State::Ended)),
            },
            State::Running(events) => {
                // Before the event is taken: `workshopSeats` then sends the newest one.
                self.budget.charge_when_possible(event_cost(self.cost.requested(), self.retained.bytes())).await;
                events
            }
            State::Ended => return None,
        };
        let response = match events.next().await? {
            Ok(event) => self.respond(event).await,
            Err(fault) => {
                let error: Error = Fault::from(fault).into();
                Response::from_errors(vec![error.into_server_error(Pos::default())])
            }
        };
        // A client that continues from the last event it received must not miss this one.
        let state = if response.data == Value::Null { State::Ended } else { State::Running(events) };
        Some((response, state))
    }

    /// Starts the source of the events.
    async fn start(&self) -> Result<Events, Response> {
        let source = EventSource::default();
        let request = self.operation.request().data(source.clone()).data(self.budget.clone());
        let refused = self.graph.execute_event(request, self.context.clone(), &self.cost).await;
        match (source.take(), refused) {
            (Some(events), None) => Ok(events),
            (_, Some(refused)) => Err(refused),
            (None, None) => Err(Response::from_errors(vec![error_codes::internal_error()])),
        }
    }

    /// Executes the operation for an event. If its rows cannot be loaded now, they are loaded again until they are: an event
    /// that is left out would be lost.
    async fn respond(&self, event: Event) -> Response {
        loop {
            let request = self.operation.request().data(event.clone());
            let response = self.graph.execute_event(request, self.context.clone(), &self.cost).await;
            let response = response.unwrap_or_else(|| Response::from_errors(vec![error_codes::internal_error()]));
            if !response.errors.iter().any(Code::is_retryable) {
                return response;
            }
            sleep_until(Instant::now() + RETRY_INTERVAL).await;
        }
    }
}
