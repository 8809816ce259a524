//! The GraphQL API.

/// Runs operations: preparation, limits, cost, loaders and errors.
mod execution;
/// The executable graph over a store, the same for every transport.
mod graph;
/// The schema that clients see.
pub(crate) mod schema;
/// The schema as a whole, and its text.
mod sdl;

pub(crate) use execution::admission::InFlightPermit;
pub(crate) use execution::cost::{
    CENTERS, SESSIONS_OF_WORKSHOP, TRACKS, aggregate_cost, list_cost, lookup_cost, write_cost,
};
pub(crate) use execution::document_cache::PreparedRequest;
pub(crate) use execution::error_codes::{
    Code, INTERNAL_ERROR, RETRY_AFTER, RequestId, in_seconds, is_request_error, is_timeout,
};
pub(crate) use execution::failure::Failure;
pub(crate) use execution::fair_queue::Turn;
pub(crate) use execution::fault::{Fault, dangling_reference};
pub use execution::limits::DocumentLimits;
pub(crate) use execution::metered_operation::MeteredOperation;
pub(crate) use execution::operation_label::OperationLabel;
pub use execution::response_size::ResponseLimits;
pub(crate) use execution::response_size::{ResponseMeter, ResponseRejected};
pub(crate) use graph::Graph;
pub(crate) use schema::enums::{RegistrationState, SessionStatus, WorkshopStatus, word, words};
pub use sdl::{sdl, subgraph_sdl};
