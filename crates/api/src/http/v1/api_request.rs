//! The common part of all operations: authentication, cost and the response.

use std::{collections::HashMap, str::FromStr, sync::Arc};

use axum::{
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, Method, header},
    response::{IntoResponse, Response},
};
use domain::{
    IdempotencyKey, Problem, RegistrationId,
    access::{Access, Permission, Visibility},
    commands::Refusal,
};
use persistence::{CommandContext, RegistrationRow, Store, View};
use serde::Serialize;

use super::{
    envelope::{self, EnvelopeKey},
    headers::IDEMPOTENCY_KEY,
};
use crate::{
    graphql::{Failure, Fault, InFlightPermit, MeteredOperation, OperationLabel, ResponseMeter, dangling_reference},
    http::{
        address::Address,
        app::App,
        body::ReceivedBody,
        error::{ErrorDetails, HttpError},
        negotiation, query_string, rate_limit_headers,
        response::json,
    },
    metrics,
    rate_limit::CostBudget,
};

/// An authenticated request with an in-flight permit.
pub(super) struct ApiRequest {
    app: App,
    permit: InFlightPermit,
    budget: CostBudget,
    pub(super) input: RequestInput,
}

/// The parts of a request that operations read.
pub(super) struct RequestInput {
    pub(super) store: Arc<Store>,
    access: Access,
    /// Counts the response.
    pub(super) meter: ResponseMeter,
    headers: HeaderMap,
    path: HashMap<String, String>,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) body: ReceivedBody,
}

/// An operation of the REST API.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    /// The equivalent root field, for metrics and traces.
    pub(super) label: OperationLabel,
    /// The member of the envelope that contains the result.
    pub(super) key: EnvelopeKey,
}

/// Why an operation has no result.
pub(super) enum ApiError {
    Problem { name: &'static str, code: i32, message: String },
    Failed(Failure),
}

impl FromRequest<App> for ApiRequest {
    type Rejection = HttpError;

    async fn from_request(request: Request, app: &App) -> Result<Self, HttpError> {
        let (mut parts, body) = request.into_parts();
        let address = parts.extensions.get::<Address>().copied().unwrap_or(Address(None));
        // Before the permit: a client that sends its body slowly must not block others.
        let body = match parts.method {
            Method::POST => app.read_body(body, address).await,
            _ => Ok(ReceivedBody::default()),
        };
        let (permit, caller) = app.admit(&parts.headers, address).await?;
        // A malformed path contains no id.
        let path = Path::<HashMap<String, String>>::from_request_parts(&mut parts, app).await;
        let path = path.map(|Path(path)| path).unwrap_or_default();
        let parameters = query_string::parameters(&parts.uri)?;
        let headers = parts.headers;
        let body = body?;
        if parts.method == Method::POST && (!body.bytes.is_empty() || headers.contains_key(header::CONTENT_TYPE)) {
            negotiation::ensure_json(&headers)?;
        }
        let (budget, store) = (app.budget(&caller), app.graph.store().clone());
        let meter = app.graph.meter();
        let input = RequestInput { store, access: caller.access, meter, headers, path, parameters, body };
        Ok(Self { app: app.clone(), permit, budget, input })
    }
}

impl ApiRequest {
    /// Runs an operation and writes its response.
    pub(super) async fn respond<B, F>(
        self,
        Operation { label, key }: Operation,
        cost: usize,
        operation: impl FnOnce(RequestInput) -> F,
    ) -> Response
    where
        B: Serialize,
        F: Future<Output = Result<B, ApiError>>,
    {
        let Self { app, permit, budget, input } = self;
        let metered = MeteredOperation { label, cost, budget: budget.clone(), meter: input.meter.clone(), permit };
        let result = app.graph.run(metered, async {
            match operation(input).await {
                // Written while the query has its turn.
                Ok(body) => Ok(Ok(json(&body))),
                Err(ApiError::Problem { name, code, message }) => {
                    metrics::record_problem(name);
                    Ok(Err((code, message)))
                }
                Err(ApiError::Failed(failure)) => Err(failure),
            }
        });
        let response = match result.await {
            Ok(Ok(response)) => response,
            Ok(Err((code, message))) => envelope::problem(key, code, &message),
            Err(failure) => failed(failure, key),
        };
        rate_limit_headers::add(response, &budget)
    }
}

/// The response for a failure. Removes the error details, because the metrics already count the operation.
fn failed(failure: Failure, key: EnvelopeKey) -> Response {
    let mut response = HttpError::from(failure).into_response();
    let message = response.extensions_mut().remove::<ErrorDetails>().map(|details| details.message);
    envelope::http_error(response, key, &message.unwrap_or_default())
}

impl RequestInput {
    /// The database as the caller sees it.
    pub(super) fn view(&self) -> View {
        self.store.view(self.access.authority())
    }

    /// The context of a command, if the caller has the permission, with the request's idempotency key.
    pub(super) fn command_context<P: Permission>(&self) -> Result<CommandContext<P>, Failure> {
        let permit = self.access.permit()?;
        let mut keys = self.headers.get_all(IDEMPOTENCY_KEY).iter();
        let idempotency_key = match (keys.next(), keys.next()) {
            (None, _) => None,
            (Some(key), None) => Some(IdempotencyKey::parse(key.to_str().unwrap_or_default())?),
            (Some(_), Some(_)) => return Err(Failure::bad_input("`Idempotency-Key` occurs more than once.")),
        };
        Ok(CommandContext { permit, idempotency_key })
    }

    /// Fails if the caller cannot see any registrations.
    pub(super) fn ensure_sees_registrations(&self) -> Result<(), Failure> {
        Ok(self.access.ensure_sees_guests(Visibility::registrations)?)
    }

    /// A parameter of the path.
    pub(super) fn text(&self, name: &str) -> &str {
        self.path.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The id in a parameter of the path; `None`: the text is not an id.
    pub(super) fn id<T: FromStr>(&self, name: &str) -> Option<T> {
        self.text(name).parse().ok()
    }

    /// The registration that a command has changed.
    pub(super) async fn registration(&self, id: RegistrationId) -> Result<RegistrationRow, Failure> {
        let rows = self.view().registrations(&[id]).await?;
        rows.into_iter().next().ok_or_else(|| dangling_reference("registration").into())
    }
}

impl ApiError {
    /// A problem of this name.
    pub(super) fn problem(name: &'static str, problem: &dyn Problem) -> Self {
        Self::Problem { name, code: problem.code(), message: problem.to_string() }
    }
}

impl<R: Refusal> From<R> for ApiError {
    fn from(refusal: R) -> Self {
        Self::problem(refusal.name(), refusal.problem())
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault.into())
    }
}
