use std::sync::Arc;

use async_graphql::{Object, Result};
use persistence::SeatsSnapshot;

use super::workshop::Workshop;
use crate::graphql::{execution::fault::Fault, schema::enums::RegistrationState};

/// What `workshopSeats` tells; nothing of it is looked up anew.
pub(crate) struct WorkshopSeats(pub(in crate::graphql) Arc<SeatsSnapshot>);

/// The seats of a workshop at one time.
#[Object]
impl WorkshopSeats {
    /// The workshop, as it was then; what it refers to is looked up when it is told.
    async fn workshop(&self) -> Workshop {
        self.0.workshop.clone().into()
    }

    /// SeatsSnapshot in all; null: unlimited.
    async fn capacity(&self) -> Option<i32> {
        self.0.workshop.capacity
    }

    /// Guests who held a seat.
    async fn seats_taken(&self) -> i32 {
        self.0.workshop.seats_taken
    }

    /// SeatsSnapshot that nobody held; null: unlimited.
    async fn seats_available(&self) -> Result<Option<u32>> {
        Ok(self.0.workshop.snapshot().map_err(Fault::from)?.seats.available())
    }

    /// Guests in line.
    async fn waitlist_length(&self) -> i32 {
        self.0.workshop.waitlist_length
    }

    /// What a guest could do then. A track that is full on its own may still refuse.
    async fn registration_state(&self) -> RegistrationState {
        self.0.state.into()
    }
}
