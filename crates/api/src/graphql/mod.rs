//! The graph: what clients see, and how it is resolved.

mod execution;
pub(crate) mod schema;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_graphql::{
    Context, ObjectType, Request, Response, SDLExportOptions, Schema, SchemaBuilder, ServerError, ValidationMode,
};
use domain::access::Access;
use futures_util::FutureExt;
use persistence::Store;
use tokio::sync::Semaphore;

pub(crate) use execution::admission::InFlightPermit;
pub(crate) use execution::cost::{added_up, each, looked_up};
pub(crate) use execution::document_cache::PreparedRequest;
use execution::document_cache::{DocumentCache, Validator};
pub(crate) use execution::error_codes::{Code, RETRY_AFTER, RequestId, is_request_error, is_timeout};
pub(crate) use execution::failure::Failure;
pub(crate) use execution::fault::{Fault, MASK, OVERLOAD, missing};
pub use execution::limits::DocumentLimits;
use execution::limits::Paid;
pub(crate) use execution::limits::in_seconds;
use execution::loaders::{Loaders, SharedLoaders};
pub(crate) use execution::metered_operation::MeteredOperation;
pub(crate) use execution::operation_label::OperationLabel;
use schema::connection::Listing;
pub(crate) use schema::enums::{RegistrationState, SessionStatus, WorkshopStatus, word, words};
use schema::lists::RegistrationListing;
use schema::mutations::Mutation;
use schema::queries::{Query, Subgraph};
use schema::root::Root;
use schema::subscriptions::Subscription;
use schema::types::{api_key::ApiKey, center::Center, change::Change, guest::Guest, workshop::Workshop};

use crate::{
    Limits,
    metrics::{Operations, Permits},
};

type AtelierSchema<Q> = Schema<Root<Q>, Root<Mutation>, Root<Subscription>>;

/// The graph over a store, the same for every transport.
#[derive(Clone)]
pub(crate) struct Graph {
    schema: AtelierSchema<Subgraph>,
    validator: Validator,
    library: DocumentCache,
    store: Arc<Store>,
    /// Whether clients may ask for the schema.
    pub(crate) tells_schema: bool,
    /// One for each operation that may be worked on.
    places: Arc<Semaphore>,
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
        let places = Arc::new(Semaphore::new(limits.max_in_flight.min(Semaphore::MAX_PERMITS)));
        let subscriptions = Permits::new(limits.max_subscriptions);
        let look_ups = SharedLoaders::default();
        let (documents, patience) = (limits.documents, limits.operation_timeout);
        Self {
            // What is executed was validated before, once for all who ask alike.
            schema: builder().validation_mode(ValidationMode::Fast).finish(),
            validator: Validator::new(),
            library: DocumentCache::default(),
            store,
            tells_schema: true,
            places,
            subscriptions,
            operations: Operations::default(),
            look_ups,
            limits: documents,
            patience,
        }
    }

    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Answers a query or a mutation of somebody with this access, whatever happens meanwhile.
    pub(crate) async fn execute(&self, reading: PreparedRequest, access: Access, id: &RequestId) -> Response {
        let topic = reading.topic();
        // Boxed, for it is large, and would be moved more than once on the way.
        let answering = Box::pin(self.answer(reading, access, id));
        self.operations.answer(topic, answering).await
    }

    async fn answer(&self, reading: PreparedRequest, access: Access, id: &RequestId) -> Response {
        let (request, paid, _place) = match self.charge(reading) {
            Ok(admitted) => admitted,
            Err(refusals) => return execution::error_codes::complete(Response::from_errors(refusals), id),
        };
        let look_ups = Loaders::new(self.store.view(access.authority()));
        let request = self.equip(request, access, look_ups);
        let executed = self.within_patience(self.schema.execute(request)).await;
        let mut answer = executed.unwrap_or_else(|error| Response::from_errors(vec![error]));
        paid.tell(&mut answer);
        execution::error_codes::complete(answer, id)
    }

    /// What comes of it in the time that an operation has, whatever happens meanwhile.
    async fn within_patience<T>(&self, doing: impl Future<Output = T>) -> Result<T, ServerError> {
        match tokio::time::timeout(self.patience, AssertUnwindSafe(doing).catch_unwind()).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(_)) => {
                tracing::error!("an operation panicked");
                Err(execution::error_codes::masked())
            }
            Err(_) => Err(execution::error_codes::too_slow(self.patience)),
        }
    }

    /// Gives a request what its resolvers need.
    fn equip(&self, request: Request, access: Access, look_ups: Loaders) -> Request {
        request.data(look_ups.view()).data(look_ups).data(self.store.clone()).data(access)
    }
}

/// The store of the server that answers.
fn store<'a>(ctx: &Context<'a>) -> &'a Store {
    ctx.data_unchecked::<Arc<Store>>()
}

/// The schema in its own language, as `schema.graphql` has it.
pub fn sdl() -> String {
    builder::<Query>().finish().sdl_with_options(as_printed())
}

/// The schema as the gateway of a federated graph wants it: what Federation adds to every subgraph is left out, and what
/// other subgraphs can refer to has its key.
pub fn subgraph_sdl() -> String {
    execution::federation::annotate(builder::<Query>().finish().sdl_with_options(as_printed().federation()))
}

fn as_printed() -> SDLExportOptions {
    SDLExportOptions::new().include_specified_by().use_space_ident().prefer_single_line_descriptions()
}

fn builder<Q: Default + ObjectType + 'static>() -> SchemaBuilder<Root<Q>, Root<Mutation>, Root<Subscription>> {
    Schema::build(Root::<Q>::default(), Root::<Mutation>::default(), Root::<Subscription>::default())
        .enable_subscription_in_federation()
        // The library's own limits do not say what they are, and this one cannot be switched off.
        .limit_recursive_depth(usize::MAX)
        .disable_suggestions()
        .override_output_type_description::<Listing<Workshop>>("A page of workshops.")
        .override_output_type_description::<RegistrationListing>("A page of registrations.")
        .override_output_type_description::<Listing<Guest>>("A page of guests.")
        .override_output_type_description::<Listing<Center>>("A page of centers.")
        .override_output_type_description::<Listing<ApiKey>>("A page of API keys.")
        .override_output_type_description::<Listing<Change>>("A page of changes.")
}
