//! What can be followed, one file a subject.

mod changes;
mod workshop_seats;

use async_graphql::MergedSubscription;

/// What is told while it happens: over WebSocket (`graphql-transport-ws` at `/graphql/ws`) or as server-sent events
/// (`/graphql` with `Accept: text/event-stream`). An operation follows one thing.
#[derive(Default, MergedSubscription)]
pub(crate) struct Subscription(workshop_seats::SeatsSubscription, changes::ChangeSubscription);
