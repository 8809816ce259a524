use std::sync::Arc;

use tokio::sync::watch;

use super::{SeatsSnapshot, signal::Signal};

/// A subscription to the seats of a workshop.
#[derive(Debug)]
pub struct SeatUpdates {
    seats: watch::Receiver<Arc<SeatsSnapshot>>,
    _guard: UnsubscribeGuard,
}

impl SeatUpdates {
    pub(super) fn new(mut seats: watch::Receiver<Arc<SeatsSnapshot>>, feed: Arc<Signal>) -> Self {
        seats.mark_changed();
        Self { seats, _guard: UnsubscribeGuard(feed) }
    }

    /// The seats now, and from then on each time they change. `None`: the subscription has ended.
    pub async fn next(&mut self) -> Option<Arc<SeatsSnapshot>> {
        self.seats.changed().await.ok()?;
        Some(self.seats.borrow_and_update().clone())
    }
}

/// Wakes the feed when a subscription ends, so that the feed releases its resources. It has to be the last field of a
/// subscription: the other fields are dropped first.
#[derive(Debug)]
pub(super) struct UnsubscribeGuard(pub(super) Arc<Signal>);

impl Drop for UnsubscribeGuard {
    fn drop(&mut self) {
        self.0.wake();
    }
}
