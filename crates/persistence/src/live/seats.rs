use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use domain::{RegistrationState, Timestamp, WorkshopId};
use tokio::sync::watch;

use crate::{StoreError, WorkshopRow};

/// The seats of a workshop at one instant.
#[derive(Clone, Debug)]
pub struct SeatsSnapshot {
    /// The workshop.
    pub workshop: WorkshopRow,
    /// What a guest can do at that instant.
    pub state: RegistrationState,
}

impl SeatsSnapshot {
    fn of(workshop: WorkshopRow, now: Timestamp) -> Result<Self, StoreError> {
        let state = workshop.snapshot()?.registration_state(now);
        Ok(Self { workshop, state })
    }

    fn has_same_seats(&self, other: &Self) -> bool {
        let seats = |snapshot: &Self| {
            let row = &snapshot.workshop;
            (row.capacity, row.seats_taken, row.waitlist_length, snapshot.state)
        };
        seats(self) == seats(other)
    }
}

/// The workshops whose seats have subscribers, each with its last snapshot.
#[derive(Default)]
pub(super) struct WatchedWorkshops(HashMap<WorkshopId, watch::Sender<Arc<SeatsSnapshot>>>);

impl WatchedWorkshops {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn ids(&self) -> BTreeSet<WorkshopId> {
        self.0.keys().copied().collect()
    }

    pub(super) fn contains(&self, workshop: WorkshopId) -> bool {
        self.0.contains_key(&workshop)
    }

    /// Subscribes to the seats of a workshop, if they have been read.
    pub(super) fn watch(&self, workshop: WorkshopId) -> Option<watch::Receiver<Arc<SeatsSnapshot>>> {
        self.0.get(&workshop).map(watch::Sender::subscribe)
    }

    /// Stores a workshop that was read, and notifies its subscribers if the seats differ.
    pub(super) fn update(&mut self, workshop: WorkshopRow, now: Timestamp) {
        let id = WorkshopId::from_uuid(workshop.id);
        let seats = match SeatsSnapshot::of(workshop, now) {
            Ok(seats) => Arc::new(seats),
            Err(fault) => {
                tracing::error!(?fault, "the row of a workshop is corrupt; its subscriptions end");
                self.0.remove(&id);
                return;
            }
        };
        let sender = self.0.entry(id).or_insert_with(|| watch::Sender::new(seats.clone()));
        sender.send_if_modified(|last| {
            let differs = !last.has_same_seats(&seats);
            *last = seats;
            differs
        });
    }

    /// Removes the workshops without subscribers.
    pub(super) fn prune(&mut self) {
        self.0.retain(|_, seats| seats.receiver_count() > 0);
    }
}
