use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use domain::{RegistrationState, Timestamp, WorkshopId};
use tokio::sync::watch;

use crate::{StoreError, WorkshopRow};

/// The seats of a workshop at one time.
#[derive(Clone, Debug)]
pub struct SeatsSnapshot {
    /// The workshop.
    pub workshop: WorkshopRow,
    /// What a guest could do then.
    pub state: RegistrationState,
}

impl SeatsSnapshot {
    fn of(workshop: WorkshopRow, now: Timestamp) -> Result<Self, StoreError> {
        let state = workshop.snapshot()?.registration_state(now);
        Ok(Self { workshop, state })
    }

    fn look_like(&self, other: &Self) -> bool {
        let seen = |seats: &Self| {
            let row = &seats.workshop;
            (row.capacity, row.seats_taken, row.waitlist_length, seats.state)
        };
        seen(self) == seen(other)
    }
}

/// All that is watched: for each workshop its seats as they were last seen.
#[derive(Default)]
pub(super) struct Watched(HashMap<WorkshopId, watch::Sender<Arc<SeatsSnapshot>>>);

impl Watched {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn all(&self) -> BTreeSet<WorkshopId> {
        self.0.keys().copied().collect()
    }

    pub(super) fn has(&self, workshop: WorkshopId) -> bool {
        self.0.contains_key(&workshop)
    }

    /// The seats of a workshop, once they are known.
    pub(super) fn watch(&self, workshop: WorkshopId) -> Option<watch::Receiver<Arc<SeatsSnapshot>>> {
        self.0.get(&workshop).map(watch::Sender::subscribe)
    }

    /// Takes in a workshop as it was read; those who watch it hear of it if its seats are others than before.
    pub(super) fn see(&mut self, workshop: WorkshopRow, now: Timestamp) {
        let id = WorkshopId::from_uuid(workshop.id);
        let seats = match SeatsSnapshot::of(workshop, now) {
            Ok(seats) => Arc::new(seats),
            Err(fault) => {
                tracing::error!(?fault, "the seats of a workshop cannot be told");
                self.0.remove(&id);
                return;
            }
        };
        let known = self.0.entry(id).or_insert_with(|| watch::Sender::new(seats.clone()));
        known.send_if_modified(|seen| {
            let differ = !seen.look_like(&seats);
            *seen = seats;
            differ
        });
    }

    /// Lets go of what nobody watches any more.
    pub(super) fn prune(&mut self) {
        self.0.retain(|_, seats| seats.receiver_count() > 0);
    }
}
