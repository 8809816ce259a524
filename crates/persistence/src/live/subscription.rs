use std::sync::Arc;

use tokio::sync::watch;

use super::{SeatsSnapshot, signal::Signal};

/// Somebody who watches the seats of a workshop.
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

    /// The seats as they are now, and from then on each time they have changed. `None`: nothing more will be told.
    pub async fn next(&mut self) -> Option<Arc<SeatsSnapshot>> {
        self.seats.changed().await.ok()?;
        Some(self.seats.borrow_and_update().clone())
    }
}

/// Tells the feed that somebody has gone, so that it lets go of what was kept for them. The last part of whoever it is
/// that goes: by then the rest has been dropped.
#[derive(Debug)]
pub(super) struct UnsubscribeGuard(pub(super) Arc<Signal>);

impl Drop for UnsubscribeGuard {
    fn drop(&mut self) {
        self.0.nudge();
    }
}
