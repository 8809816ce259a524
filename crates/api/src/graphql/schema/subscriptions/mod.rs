//! The subscriptions, one file for each subject.

mod changes;
mod workshop_seats;

use async_graphql::MergedSubscription;

/// The subscriptions: over WebSocket (`graphql-transport-ws` at `/graphql/ws`) or as server-sent events (`/graphql`
/// with `Accept: text/event-stream`). An operation has exactly one subscription field.
#[derive(Default, MergedSubscription)]
pub(crate) struct Subscription(workshop_seats::SeatsSubscription, changes::ChangeSubscription);
