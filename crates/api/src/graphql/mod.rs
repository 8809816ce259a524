//! The graph: what clients see, and how it is resolved.

mod answers;
mod batch;
mod codes;
mod connection;
mod cost;
mod enums;
mod fault;
mod federation;
mod filter;
mod introspection;
mod limits;
mod lists;
mod loaders;
mod mutations;
mod order;
mod page_variables;
mod permission;
mod problems;
mod queries;
mod reading;
pub(crate) mod roles;
mod scalars;
mod subscriptions;
mod topic;
mod totals;
mod types;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_graphql::{Context, ObjectType, Request, Response, SDLExportOptions, Schema, ServerError};
use domain::access::Access;
use futures_util::FutureExt;
use persistence::Store;

pub(crate) use codes::{Code, RequestId, is_request_error, is_timeout};
use connection::Listing;
pub(crate) use fault::{Fault, MASK};
use limits::Costs;
pub use limits::DocumentLimits;
pub(crate) use limits::in_seconds;
use lists::RegistrationListing;
use loaders::{Loaders, SharedLoaders};
use mutations::Mutation;
use queries::{Query, Subgraph};
pub(crate) use reading::Reading;
use subscriptions::Subscription;
pub(crate) use topic::Topic;
use types::{api_key::ApiKey, center::Center, change::Change, guest::Guest, workshop::Workshop};

use crate::{
    Limits,
    metrics::{Operations, Permits},
};

type AtelierSchema<Q> = Schema<Q, Mutation, Subscription>;

/// The graph over a store, the same for every transport.
#[derive(Clone)]
pub(crate) struct Graph {
    schema: AtelierSchema<Subgraph>,
    store: Arc<Store>,
    /// Whether clients may ask for the schema.
    pub(crate) tells_schema: bool,
    /// One for each subscription that may run.
    pub(crate) subscriptions: Permits,
    pub(crate) operations: Operations,
    /// Shared by all subscriptions of the same authority: they hear of the same things at the same time.
    look_ups: SharedLoaders,
    limits: DocumentLimits,
    /// The longest that a query or a mutation may take. What a mutation has put in a lane by then is still settled.
    patience: Duration,
}

impl Graph {
    /// The graph over this store.
    pub(crate) fn new(store: Arc<Store>, limits: &Limits) -> Self {
        let subscriptions = Permits::new(limits.subscriptions);
        let look_ups = SharedLoaders::default();
        let (documents, patience) = (limits.documents, limits.timeout);
        Self {
            schema: schema(documents),
            store,
            tells_schema: true,
            subscriptions,
            operations: Operations::default(),
            look_ups,
            limits: documents,
            patience,
        }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Answers a query or a mutation of somebody with this access, whatever happens meanwhile.
    pub(crate) async fn execute(&self, reading: Reading, access: Access, id: &RequestId) -> Response {
        let topic = reading.topic();
        // Boxed, for it is large, and would be moved more than once on the way.
        let answering = Box::pin(self.answer(reading.request(), access, id));
        self.operations.answer(topic, answering).await
    }

    async fn answer(&self, request: Result<Request, ServerError>, access: Access, id: &RequestId) -> Response {
        let request = match request {
            Ok(request) => request,
            Err(refusal) => return Response::from_errors(vec![refusal]),
        };
        let look_ups = Loaders::new(self.store.view(access.authority()));
        let request = self.equip(request, access, look_ups);
        let execution = AssertUnwindSafe(self.schema.execute(request)).catch_unwind();
        let response = match tokio::time::timeout(self.patience, execution).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => {
                tracing::error!("a resolver panicked");
                Response::from_errors(vec![Code::InternalServerError.error(fault::MASK)])
            }
            Err(_) => {
                let message = format!("The operation took longer than {} s.", in_seconds(self.patience));
                Response::from_errors(vec![Code::Timeout.error(message)])
            }
        };
        codes::complete(response, id)
    }

    /// Gives a request what its resolvers need.
    fn equip(&self, request: Request, access: Access, look_ups: Loaders) -> Request {
        let request = if self.tells_schema { request } else { request.data(introspection::Untold) };
        request.data(look_ups.view()).data(look_ups).data(self.store.clone()).data(access)
    }
}

/// The store of the server that answers.
fn store<'a>(ctx: &Context<'a>) -> &'a Store {
    ctx.data_unchecked::<Arc<Store>>()
}

/// The schema in its own language, as `schema.graphql` has it.
pub fn sdl() -> String {
    schema::<Query>(DocumentLimits::default()).sdl_with_options(as_printed())
}

/// The schema as the gateway of a federated graph wants it: what Federation adds to every subgraph is left out, and what
/// other subgraphs can refer to has its key.
pub fn subgraph_sdl() -> String {
    federation::annotate(schema::<Query>(DocumentLimits::default()).sdl_with_options(as_printed().federation()))
}

fn as_printed() -> SDLExportOptions {
    SDLExportOptions::new().include_specified_by().use_space_ident().prefer_single_line_descriptions()
}

fn schema<Q: Default + ObjectType + 'static>(limits: DocumentLimits) -> AtelierSchema<Q> {
    Schema::build(Q::default(), Mutation::default(), Subscription::default())
        .enable_subscription_in_federation()
        .extension(introspection::Introspection)
        .extension(codes::Codes)
        .extension(page_variables::PageVariables)
        .extension(Costs(limits))
        // The library's own limits do not say what they are, and this one cannot be switched off.
        .limit_recursive_depth(usize::MAX)
        .disable_suggestions()
        .override_output_type_description::<Listing<Workshop>>("A page of workshops.")
        .override_output_type_description::<RegistrationListing>("A page of registrations.")
        .override_output_type_description::<Listing<Guest>>("A page of guests.")
        .override_output_type_description::<Listing<Center>>("A page of centers.")
        .override_output_type_description::<Listing<ApiKey>>("A page of API keys.")
        .override_output_type_description::<Listing<Change>>("A page of changes.")
        .finish()
}
