//! How an operation runs.

/// The in-flight permits of operations.
pub(in crate::graphql) mod admission;
/// Lookups that are batched into one statement.
mod batch;
/// The data that resolvers read from their context.
pub(in crate::graphql) mod context;
/// The cost of fields.
pub(in crate::graphql) mod cost;
/// Objects that are counted in the size of the response.
pub(in crate::graphql) mod counted;
/// From the text of a request to an operation that can be executed.
pub(in crate::graphql) mod document_cache;
/// The codes of errors, and the errors that have no resolver.
pub(in crate::graphql) mod error_codes;
/// The events of subscriptions.
pub(in crate::graphql) mod events;
/// The failure of an operation that has no document.
pub(in crate::graphql) mod failure;
/// The order in which the work of callers runs.
pub(in crate::graphql) mod fair_queue;
/// Faults, and the errors of resolvers.
pub(in crate::graphql) mod fault;
/// The subgraph of a federated graph.
pub(in crate::graphql) mod federation;
/// The limits of a document.
pub(in crate::graphql) mod limits;
/// The size of what a lookup loads.
pub(in crate::graphql) mod loaded;
/// The lookups of an operation.
pub(in crate::graphql) mod loaders;
/// Operations without a document.
pub(in crate::graphql) mod metered_operation;
/// The label of an operation in metrics and logs.
pub(in crate::graphql) mod operation_label;
/// The memory of all responses that are being built.
pub(in crate::graphql) mod response_pool;
/// The size of a response, counted while it is built.
pub(in crate::graphql) mod response_size;
/// The bytes that running subscriptions keep.
pub(in crate::graphql) mod retained_bytes;
/// The rows that an operation has loaded.
pub(in crate::graphql) mod row_budget;
/// Objects whose fields are columns of a row.
pub(in crate::graphql) mod row_object;
/// The single root field of a subscription.
mod single_root;
/// A running subscription and its responses.
pub(in crate::graphql) mod subscription;
/// Which work of a caller waits for its turn.
pub(in crate::graphql) mod turns;
