use std::sync::Arc;

use tokio::sync::watch;

use super::{Seats, signal::Signal};

/// Somebody who watches the seats of a workshop.
#[derive(Debug)]
pub struct Watching {
    seats: watch::Receiver<Arc<Seats>>,
    _leaving: Leaving,
}

impl Watching {
    pub(super) fn new(mut seats: watch::Receiver<Arc<Seats>>, feed: Arc<Signal>) -> Self {
        seats.mark_changed();
        Self { seats, _leaving: Leaving(feed) }
    }

    /// The seats as they are now, and from then on each time they have changed. `None`: nothing more will be told.
    pub async fn next(&mut self) -> Option<Arc<Seats>> {
        self.seats.changed().await.ok()?;
        Some(self.seats.borrow_and_update().clone())
    }
}

/// Tells the feed that somebody has gone, so that it lets go of what was kept for them. The last part of whoever it is
/// that goes: by then the rest has been dropped.
#[derive(Debug)]
pub(super) struct Leaving(pub(super) Arc<Signal>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.nudge();
    }
}
