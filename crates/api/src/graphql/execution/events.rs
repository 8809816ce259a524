//! The events of subscriptions. A subscription field is resolved once to start its source, and once for each event.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;
use futures_util::stream::BoxStream;
use persistence::{ChangeRow, SeatsSnapshot, StoreError};

/// An event of a subscription.
#[derive(Clone, Debug)]
pub(in crate::graphql) enum Event {
    /// A new entry of the journal.
    Change(ChangeRow),
    /// The seats of a workshop after a change.
    Seats(Arc<SeatsSnapshot>),
}

/// The events of one subscription.
pub(in crate::graphql) type Events = BoxStream<'static, Result<Event, StoreError>>;

/// Receives the source from the resolver that starts it.
#[derive(Clone, Default)]
pub(in crate::graphql) struct EventSource(Arc<Mutex<Option<Events>>>);

impl EventSource {
    /// Returns the events, if the resolver has started them.
    pub(in crate::graphql) fn take(&self) -> Option<Events> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Returns the event to resolve; `None`: the resolver has to start the source.
pub(in crate::graphql) fn current_event<'a>(ctx: &Context<'a>) -> Option<&'a Event> {
    ctx.data_opt::<Event>()
}

/// Starts the source of a subscription.
pub(in crate::graphql) fn start_source(ctx: &Context<'_>, events: Events) {
    *ctx.data_unchecked::<EventSource>().0.lock().unwrap_or_else(PoisonError::into_inner) = Some(events);
}
