//! The workshop, guests and instants that the tests of the rules share.

use chrono::DateTime;
use uuid::Uuid;

use crate::{
    CenterId, ChangeKind, GuestId, Patch, Registration, RegistrationId, Seats, Stage, Standing, Timestamp, TrackId,
    Waitlist, WaitlistNumber, Window, Workshop, WorkshopAggregate, WorkshopId,
    commands::update_workshop::UpdateWorkshop,
};

pub(crate) const NOW: i64 = 1_000;

pub(crate) fn at(second: i64) -> Timestamp {
    DateTime::from_timestamp(second, 0).unwrap()
}

pub(crate) fn track(number: i32) -> TrackId {
    TrackId::new(number).unwrap()
}

pub(crate) fn guest(number: u128) -> GuestId {
    GuestId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn center() -> CenterId {
    CenterId::from_uuid(Uuid::from_u128(1))
}

/// An open workshop with two seats, a waitlist of one, tracks 1 and 2 (2 has one seat) and guests 1 to 9.
pub(crate) fn aggregate() -> WorkshopAggregate {
    let workshop = Workshop {
        id: WorkshopId::from_uuid(Uuid::from_u128(1)),
        stage: Stage::Published,
        window: Window { opens_at: Some(at(NOW - 10)), closes_at: Some(at(NOW + 10)) },
        starts_at: None,
        ends_at: None,
        seats: Seats { capacity: Some(2), taken: 0 },
        waitlist: Waitlist { enabled: true, limit: Some(1), length: 0 },
    };
    let mut aggregate = WorkshopAggregate::new(workshop, WaitlistNumber::new(1).unwrap());
    aggregate.tracks.insert(track(1), Seats { capacity: None, taken: 0 });
    aggregate.tracks.insert(track(2), Seats { capacity: Some(1), taken: 0 });
    aggregate.centers.insert(center());
    aggregate.guests.extend((1..10).map(|number| (guest(number), None)));
    aggregate
}

pub(crate) fn registration(number: u128) -> RegistrationId {
    RegistrationId::from_uuid(Uuid::from_u128(number + 100))
}

impl WorkshopAggregate {
    /// Adds a guest with a seat on a track.
    pub(crate) fn with_seated_guest(mut self, number: u128, on: i32) -> Self {
        self.add_guest(number, on, Standing::Seated);
        self
    }

    /// Adds a guest to the waitlist for a track.
    pub(crate) fn with_waitlisted_guest(mut self, number: u128, on: i32) -> Self {
        let standing = Standing::Waiting { number: self.take_waitlist_number() };
        self.add_guest(number, on, standing);
        self
    }

    pub(crate) fn add_guest(&mut self, number: u128, on: i32, standing: Standing) {
        let id = registration(number);
        let (guest, track, center) = (guest(number), track(on), center());
        let registration = Registration { id, guest, track, center, standing, promoted_at: None, note: None };
        self.add_registration(registration, ChangeKind::Registered);
        self.take_transitions();
    }
}

/// An update of workshop 1 that changes nothing.
pub(crate) fn update_workshop() -> UpdateWorkshop {
    UpdateWorkshop {
        workshop: Some(WorkshopId::from_uuid(Uuid::from_u128(1))),
        expected_version: None,
        title: None,
        description: Patch::Keep,
        external_id: Patch::Keep,
        opens_at: Patch::Keep,
        closes_at: Patch::Keep,
        capacity: Patch::Keep,
        waitlist_enabled: None,
        waitlist_limit: Patch::Keep,
        centers: None,
    }
}
