use std::sync::Arc;

use domain::WorkshopId;
use tokio::sync::watch;

use super::{SeatsSnapshot, signal::Signal, unless_unavailable};
use crate::{StoreError, View};

/// A subscription to the seats of a workshop.
pub struct SeatUpdates {
    view: View,
    seats: watch::Receiver<Arc<SeatsSnapshot>>,
    _guard: UnsubscribeGuard,
}

impl SeatUpdates {
    pub(super) fn new(view: View, mut seats: watch::Receiver<Arc<SeatsSnapshot>>, feed: Arc<Signal>) -> Self {
        seats.mark_changed();
        Self { view, seats, _guard: UnsubscribeGuard(feed) }
    }

    /// The seats now, and from then on each time they change. `None`: the store has closed, or the caller can no longer see
    /// the workshop.
    pub async fn next(&mut self) -> Result<Option<Arc<SeatsSnapshot>>, StoreError> {
        if self.seats.changed().await.is_err() {
            return Ok(None);
        }
        loop {
            // Taken in each attempt, so that the caller gets the newest state.
            let seats = self.seats.borrow_and_update().clone();
            // The centers that run a draft can change.
            if self.view.always_sees(&seats.workshop) {
                return Ok(Some(seats));
            }
            let rows = self.view.workshops(&[WorkshopId::from_uuid(seats.workshop.id)]).await;
            if let Some(rows) = unless_unavailable(rows).await {
                return Ok((!rows?.is_empty()).then_some(seats));
            }
        }
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
