//! What is the same for every call: who asks, what it costs, and how the answer is written.

use std::{collections::HashMap, str::FromStr, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, HeaderValue, Method, header},
    response::{IntoResponse, Response},
};
use domain::{
    IdempotencyKey, Problem, RegistrationId,
    access::{Access, Permission, Visibility},
    commands::Refusal as Reason,
};
use persistence::{CommandContext, RegistrationRow, Store, View};
use serde::Serialize;

use super::{
    IDEMPOTENCY_KEY,
    envelope::{self, Member},
};
use crate::{
    graphql::{Failure, Fault, InFlightPermit, MeteredOperation, OperationLabel, dangling_reference},
    http::{
        App,
        address::Address,
        caller::Caller,
        error::{Refusal, Refused},
        negotiation::{self, Media},
        rate_limit_headers,
    },
    metrics,
    rate_limit::CostBudget,
};

/// A call that has a place, of somebody who is let in.
pub(super) struct ApiRequest {
    app: App,
    place: InFlightPermit,
    purse: CostBudget,
    pub(super) question: RequestInput,
}

/// What was asked, as far as it is read alike for all.
pub(super) struct RequestInput {
    pub(super) store: Arc<Store>,
    access: Access,
    headers: HeaderMap,
    path: HashMap<String, String>,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) body: Bytes,
}

/// What a call does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    /// As what it is counted and traced: the root field that does the same.
    pub(super) topic: OperationLabel,
    /// Under which name the answer is told.
    pub(super) member: Member,
}

/// Why there is no answer.
pub(super) enum ApiError {
    /// A problem stands in the way.
    Refused {
        name: &'static str,
        code: i32,
        message: String,
    },
    Failed(Failure),
}

impl FromRequest<App> for ApiRequest {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        // Before there is a place: whoever sends it slowly keeps nobody else out.
        let body = match parts.method {
            Method::POST => Bytes::from_request(Request::from_parts(parts.clone(), body), app).await,
            _ => Ok(Bytes::new()),
        };
        let place = app.graph.admit().ok_or_else(Refusal::overload)?;
        let address = parts.extensions.get::<Address>().copied().unwrap_or(Address(None));
        let caller: Caller = app.identify(&parts.headers, address).await?;
        // What cannot be read names nothing.
        let path = Path::<HashMap<String, String>>::from_request_parts(&mut parts, app).await;
        let path = path.map(|Path(path)| path).unwrap_or_default();
        let parameters = Query::<Vec<(String, String)>>::from_request_parts(&mut parts, app).await;
        let Query(parameters) = parameters.map_err(|_| Refusal::bad_request("The query string could not be read."))?;
        let headers = parts.headers;
        let body = body.map_err(|rejection| Refusal::unread(&rejection, &app.limits))?;
        if parts.method == Method::POST && (!body.is_empty() || headers.contains_key(header::CONTENT_TYPE)) {
            negotiation::ensure_json(&headers)?;
        }
        let (purse, store) = (app.purse(&caller), app.graph.store().clone());
        let question = RequestInput { store, access: caller.access, headers, path, parameters, body };
        Ok(Self { app: app.clone(), place, purse, question })
    }
}

impl ApiRequest {
    /// Does what is asked for and writes what comes of it.
    pub(super) async fn answer<B, F>(
        self,
        Operation { topic, member }: Operation,
        cost: usize,
        doing: impl FnOnce(RequestInput) -> F,
    ) -> Response
    where
        B: Serialize,
        F: Future<Output = Result<B, ApiError>>,
    {
        let Self { app, place, purse, question } = self;
        let errand = MeteredOperation { label: topic, cost, budget: purse.clone(), permit: place };
        let done = app.graph.run(errand, async {
            match doing(question).await {
                Ok(body) => Ok(Ok(body)),
                Err(ApiError::Refused { name, code, message }) => {
                    metrics::met(name);
                    Ok(Err((code, message)))
                }
                Err(ApiError::Failed(failure)) => Err(failure),
            }
        });
        let response = match done.await {
            Ok(Ok(body)) => {
                let json = HeaderValue::from_static(Media::Json.content_type());
                ([(header::CONTENT_TYPE, json)], Json(body)).into_response()
            }
            Ok(Err((code, message))) => envelope::refuse(member, code, &message),
            Err(failure) => failed(failure, member),
        };
        rate_limit_headers::tell(response, &purse)
    }
}

/// The answer that something went wrong. It has been counted with what was asked for.
fn failed(failure: Failure, member: Member) -> Response {
    let mut response = Refusal::from(failure).into_response();
    let message = response.extensions_mut().remove::<Refused>().map(|refused| refused.message);
    envelope::rewrite(response, member, &message.unwrap_or_default())
}

impl RequestInput {
    /// What the database holds for the caller.
    pub(super) fn view(&self) -> View {
        self.store.view(self.access.authority())
    }

    /// Somebody who may do this kind of thing, under the key that was sent.
    pub(super) fn command_context<D: Permission>(&self) -> Result<CommandContext<D>, Failure> {
        let permit = self.access.permit()?;
        let mut keys = self.headers.get_all(IDEMPOTENCY_KEY).iter();
        let idempotency_key = match (keys.next(), keys.next()) {
            (None, _) => None,
            (Some(key), None) => Some(IdempotencyKey::parse(key.to_str().unwrap_or_default())?),
            (Some(_), Some(_)) => return Err(Failure::bad_input("`Idempotency-Key` may come once.")),
        };
        Ok(CommandContext { permit, idempotency_key })
    }

    /// Whether the caller may see anybody's registrations.
    pub(super) fn ensure_registrations_seen(&self) -> Result<(), Failure> {
        Ok(self.access.ensure_sees_guests(Visibility::registrations)?)
    }

    /// A part of the address, word for word.
    pub(super) fn text(&self, name: &str) -> &str {
        self.path.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The id in a part of the address; `None`: it names nothing.
    pub(super) fn id<T: FromStr>(&self, name: &str) -> Option<T> {
        self.text(name).parse().ok()
    }

    /// The registration of which a rule spoke.
    pub(super) async fn registration(&self, id: RegistrationId) -> Result<RegistrationRow, Failure> {
        let rows = self.view().registrations(&[id]).await?;
        rows.into_iter().next().ok_or_else(|| dangling_reference("registration").into())
    }
}

impl ApiError {
    /// A problem of this name.
    pub(super) fn problem(name: &'static str, problem: &dyn Problem) -> Self {
        Self::Refused { name, code: problem.code(), message: problem.to_string() }
    }
}

impl<R: Reason> From<R> for ApiError {
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
