use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_graphql::{Data, Request, Response, ServerError, ValidationMode};
use domain::access::Access;
use futures_util::{
    FutureExt, StreamExt, future,
    stream::{self, BoxStream},
};
use persistence::Store;

use super::{
    execution::{
        admission::{Admission, InFlightPermit},
        document_cache::{DocumentCache, ExecutableRequest, PreparedRequest},
        error_codes::{self, Code, RequestId},
        failure::Failure,
        fair_queue::Turn,
        limits::ChargedCost,
        loaders::{Loaders, SharedLoaders},
        metered_operation::MeteredOperation,
        response_pool::ResponsePool,
        response_size::{ResponseLimits, ResponseMeter, size},
        retained_bytes::RetentionLimit,
        row_budget::RowBudget,
        subscription::RunningSubscription,
        turns::Turns,
    },
    sdl::{self, SubgraphSchema},
};
use crate::{
    Limits,
    caller_key::CallerKey,
    metrics::{Measured, OperationMetrics},
    permit_pool::{PermitPool, PermitRefused},
    rate_limit::CostBudget,
};

/// The executable graph over a store, the same for every transport.
#[derive(Clone)]
pub(crate) struct Graph {
    schema: SubgraphSchema,
    documents: DocumentCache,
    store: Arc<Store>,
    admission: Admission,
    /// One permit for each running subscription.
    pub(crate) subscriptions: PermitPool,
    pub(crate) operations: OperationMetrics,
    turns: Turns,
    /// Subscriptions of the same authority share their loaders, because they load the same rows at the same time.
    loaders: SharedLoaders,
    retention: RetentionLimit,
    /// The time limit of a query, a mutation or an event. A command that a lane accepted before is still completed.
    operation_timeout: Duration,
    /// The largest cost of an operation, which every response reports.
    cost_limit: usize,
    response_limits: ResponseLimits,
    responses: ResponsePool,
}

/// The response to a query or a mutation. It keeps the turn of the query until it has been written.
pub(crate) struct Executed {
    pub(crate) response: Response,
    _turn: Option<Turn>,
}

impl Measured for Executed {
    fn error_code(&self) -> Option<&'static str> {
        self.response.error_code()
    }
}

impl Graph {
    pub(crate) fn new(store: Arc<Store>, limits: &Limits) -> Self {
        Self {
            // `documents` validates each request before; requests of the same shape are validated once.
            schema: sdl::builder().validation_mode(ValidationMode::Fast).finish(),
            documents: DocumentCache::new(limits.documents),
            store,
            admission: Admission::new(limits.max_in_flight, limits.in_flight_per_caller),
            subscriptions: PermitPool::new(
                "running subscriptions",
                limits.max_subscriptions,
                limits.subscriptions_per_caller,
            ),
            operations: OperationMetrics::default(),
            turns: Turns::new(limits),
            loaders: SharedLoaders::default(),
            retention: RetentionLimit::new(limits.max_subscription_bytes),
            operation_timeout: limits.operation_timeout,
            cost_limit: limits.documents.cost,
            response_limits: limits.response,
            responses: ResponsePool::new(limits.response),
        }
    }

    /// Enables or disables introspection for clients.
    pub(crate) fn set_introspection(&mut self, enabled: bool) {
        self.documents.introspection_enabled = enabled;
    }

    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Takes an in-flight permit. Each operation needs one before it is parsed.
    pub(crate) fn admit(&self, caller: CallerKey) -> Result<InFlightPermit, PermitRefused> {
        self.admission.admit(caller)
    }

    /// Returns a meter for the response to an operation.
    pub(crate) fn meter(&self) -> ResponseMeter {
        ResponseMeter::new(self.response_limits, &self.responses)
    }

    /// Waits until a request of a caller with so many bytes can be parsed. The next one is when the result is dropped.
    pub(crate) async fn parsing_turn(&self, caller: CallerKey, bytes: usize) -> Option<Turn> {
        self.turns.parsing(caller, bytes).await
    }

    /// Parses a request and checks its limits. An invalid request is prepared too; executing it returns the error.
    pub(crate) fn prepare(&self, request: Request, budget: CostBudget, permit: InFlightPermit) -> PreparedRequest {
        self.documents.prepare(request, budget, permit)
    }

    /// Executes a query or a mutation for a caller with this access.
    pub(crate) async fn execute(&self, prepared: PreparedRequest, access: Access, id: &RequestId) -> Executed {
        let label = prepared.label();
        // Boxed, because the future is large and would be moved several times.
        let response = Box::pin(self.execute_unmetered(prepared, access, id));
        self.operations.measure(label, response).await
    }

    async fn execute_unmetered(&self, prepared: PreparedRequest, access: Access, id: &RequestId) -> Executed {
        let is_mutation = prepared.is_mutation();
        let ExecutableRequest { operation, cost, is_introspection, permit: _permit, .. } =
            match self.documents.validate(prepared) {
                Ok(executable) => executable,
                Err(errors) => {
                    let response = error_codes::complete(Response::from_errors(errors), id);
                    return Executed { response, _turn: None };
                }
            };
        let loaders = Loaders::new(self.store.view(access.authority()));
        let meter = if is_mutation {
            ResponseMeter::new(self.response_limits, &ResponsePool::unlimited())
        } else {
            self.meter()
        };
        let mut request = operation.into_request();
        request.data = self.context(access, loaders);
        request.data.insert(RowBudget::new(meter.clone()));
        request.data.insert(meter.clone());
        let mut turn = None;
        let execution = async {
            turn = self.turn(!is_mutation, &cost).await;
            meter.limit(self.schema.execute(request)).await
        };
        let executed = self.with_timeout(execution).await.flatten();
        let mut response = executed.unwrap_or_else(|error| Response::from_errors(vec![error]));
        if is_introspection && let Err(rejected) = meter.add(0, size(&response.data)) {
            response = Response::from_errors(vec![rejected.into()]);
        }
        cost.settle(&meter, turn.as_ref());
        cost.write_to(&mut response);
        Executed { response: error_codes::complete(response, id), _turn: turn }
    }

    /// Returns all responses to an operation: one for a query or a mutation, one for each event of a subscription.
    pub(crate) fn responses(
        &self,
        prepared: PreparedRequest,
        access: Access,
        id: &RequestId,
    ) -> BoxStream<'static, Response> {
        let label = prepared.label();
        if !prepared.is_subscription() {
            let (graph, id) = (self.clone(), id.clone());
            return stream::once(async move { graph.execute(prepared, access, &id).await.response }).boxed();
        }
        let refused = |errors| {
            let response = error_codes::complete(Response::from_errors(errors), id);
            self.operations.count_rejected(label, &response);
            stream::once(future::ready(response)).boxed()
        };
        let subscription_permit = match self.subscriptions.acquire(prepared.caller().clone()) {
            Ok(permit) => permit,
            Err(reason) => return refused(vec![Failure::from(reason).into()]),
        };
        let ExecutableRequest { operation, cost, budget, permit, .. } = match self.documents.validate(prepared) {
            Ok(executable) => executable,
            Err(errors) => return refused(errors),
        };
        let retained = match self.retention.retain(budget.caller(), &operation) {
            Ok(retained) => retained,
            Err(limit) => {
                let message = format!(
                    "The documents and variables of your subscriptions take more than {limit} bytes. End some of them."
                );
                return refused(vec![Code::Overloaded.error(message)]);
            }
        };
        let loaders = self.loaders.of(access.authority(), |authority| Loaders::new(self.store.view(authority)));
        let running = RunningSubscription {
            graph: self.clone(),
            operation,
            context: Arc::new(self.context(access, loaders)),
            id: id.clone(),
            cost,
            budget,
            metered: self.operations.begin_subscription(label),
            retained,
            permit: subscription_permit,
        };
        running.into_stream(permit)
    }

    /// Executes a subscription once, to start it or to resolve an event. Starting has a response only if it fails. An event
    /// that is larger than its cost is charged for the difference.
    pub(in crate::graphql) async fn execute_event(
        &self,
        request: Request,
        context: Arc<Data>,
        cost: &ChargedCost,
    ) -> Option<Response> {
        let meter = self.meter();
        let request = request.data(RowBudget::new(meter.clone())).data(meter.clone());
        let mut responses = self.schema.execute_stream_with_session_data(request, context);
        let response = self.with_timeout(meter.limit(responses.next())).await.flatten();
        cost.settle(&meter, None);
        response.unwrap_or_else(|error| Some(Response::from_errors(vec![error])))
    }

    /// Runs an operation that has no document, within the caller's budget and the time limit.
    pub(crate) async fn run<T>(
        &self,
        operation: MeteredOperation,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let MeteredOperation { label, cost, budget, meter, permit: _permit } = operation;
        let charged_work = async {
            let cost = ChargedCost::charge(&budget, cost, self.cost_limit)?;
            let mut turn = None;
            let work = async {
                turn = self.turn(label.is_query(), &cost).await;
                work.await
            };
            let result = self.with_timeout(work).await;
            cost.settle(&meter, turn.as_ref());
            result?
        };
        // Boxed, because the future is large and would be moved several times.
        self.operations.measure(label, Box::pin(charged_work)).await
    }

    /// Waits for the turn of a query that was charged. Other operations need none.
    async fn turn(&self, is_query: bool, cost: &ChargedCost) -> Option<Turn> {
        if is_query { Some(self.turns.query(cost.caller().clone(), cost.requested()).await) } else { None }
    }

    /// Runs work within the time limit. A panic becomes an internal error.
    async fn with_timeout<T>(&self, work: impl Future<Output = T>) -> Result<T, ServerError> {
        match tokio::time::timeout(self.operation_timeout, AssertUnwindSafe(work).catch_unwind()).await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(_)) => {
                tracing::error!("an operation panicked");
                Err(error_codes::internal_error())
            }
            Err(_) => Err(error_codes::timeout(self.operation_timeout)),
        }
    }

    /// Returns the data that resolvers read from their context.
    fn context(&self, access: Access, loaders: Loaders) -> Data {
        let mut context = Data::default();
        context.insert(loaders.view());
        context.insert(loaders);
        context.insert(self.store.clone());
        context.insert(access);
        context
    }
}
