use std::sync::Arc;

use async_graphql::{Object, Result};
use persistence::SeatsSnapshot;

use super::workshop::Workshop;
use crate::graphql::{execution::fault::Fault, schema::enums::RegistrationState};

/// One event of `workshopSeats`. Its fields come from the snapshot, without a lookup.
pub(crate) struct WorkshopSeats(pub(in crate::graphql) Arc<SeatsSnapshot>);

/// The seats of a workshop at one time.
#[Object]
impl WorkshopSeats {
    /// The workshop at that time. Objects that it refers to are loaded when the event is sent.
    async fn workshop(&self) -> Workshop {
        self.0.workshop.clone().into()
    }

    /// The total number of seats. null means unlimited.
    async fn capacity(&self) -> Option<i32> {
        self.0.workshop.capacity
    }

    /// The number of guests who held a seat.
    async fn seats_taken(&self) -> i32 {
        self.0.workshop.seats_taken
    }

    /// The number of free seats. null means unlimited.
    async fn seats_available(&self) -> Result<Option<u32>> {
        Ok(self.0.workshop.snapshot().map_err(Fault::from)?.seats.available())
    }

    /// The number of guests on the waitlist.
    async fn waitlist_length(&self) -> i32 {
        self.0.workshop.waitlist_length
    }

    /// How guests could register at that time. A full track can still refuse a guest.
    async fn registration_state(&self) -> RegistrationState {
        self.0.state.into()
    }
}
