use async_graphql::{Response, Value};
use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use tracing::Instrument;

use super::{
    error_codes::{self, RequestId},
    limits::ChargedCost,
};
use crate::{metrics::SubscriptionMetrics, permit_pool::Permit};

/// A running subscription. It has no time limit, because its next event can be far away.
pub(in crate::graphql) struct RunningSubscription<S> {
    responses: S,
    id: RequestId,
    cost: ChargedCost,
    has_begun: bool,
    is_over: bool,
    metered: SubscriptionMetrics,
    _permit: Permit,
}

impl<S: Stream<Item = std::thread::Result<Response>> + Unpin + Send + 'static> RunningSubscription<S> {
    pub(in crate::graphql) fn new(
        responses: S,
        id: RequestId,
        cost: ChargedCost,
        metered: SubscriptionMetrics,
        permit: Permit,
    ) -> Self {
        Self { responses, id, cost, has_begun: false, is_over: false, metered, _permit: permit }
    }

    /// Returns the responses, each completed with cost and error codes.
    pub(in crate::graphql) fn into_stream(self) -> BoxStream<'static, Response> {
        stream::unfold(self, async |mut running| Some((running.next().await?, running))).boxed()
    }

    async fn next(&mut self) -> Option<Response> {
        if self.is_over {
            return None;
        }
        let mut response = self.responses.next().instrument(self.metered.span()).await?.unwrap_or_else(|_| {
            tracing::error!("a resolver of a subscription panicked");
            self.is_over = true;
            Response::from_errors(vec![error_codes::internal_error()])
        });
        if !self.has_begun {
            self.cost.write_to(&mut response);
            if response.data == Value::Null {
                // The subscription could not start. As for a query that is not executed, the error concerns the request
                // and not a field.
                response.errors.iter_mut().for_each(|error| error.path.clear());
                self.is_over = true;
            }
        }
        self.has_begun = true;
        let response = error_codes::complete(response, &self.id);
        self.metered.record(&response);
        Some(response)
    }
}
