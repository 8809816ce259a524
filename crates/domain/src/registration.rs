use std::num::NonZeroI64;

use crate::{CenterId, GuestId, RegistrationId, Timestamp, TrackId, numbered};

numbered! {
    /// The status of a registration, with the numbers of the documented `RegistrationStatus`.
    /// Substituted (5), Enrolled (8) and Rejected (9) are reserved and never occur.
    RegistrationStatus, "registration status" {
        /// The guest holds a seat.
        Registered = 0,
        /// The registration was cancelled, by the guest or by staff.
        Cancelled = 1,
        /// The guest holds a seat and did not come.
        NoShow = 2,
        /// The guest holds a seat and was checked in.
        SignedIn = 3,
        /// The guest is on the waitlist.
        Waitlisted = 4,
        /// The workshop was cancelled.
        WorkshopCancelled = 6,
        /// The registration is settled. This status is final.
        Closed = 7,
    }
}

impl RegistrationStatus {
    /// The statuses that count in `seatsTaken`.
    pub const SEATED: [Self; 4] = [Self::Registered, Self::SignedIn, Self::NoShow, Self::Closed];
    /// The statuses in which a guest has at most one registration per workshop.
    pub const LIVE: [Self; 4] = [Self::Registered, Self::Waitlisted, Self::SignedIn, Self::NoShow];

    /// Whether the registration holds a seat.
    pub fn is_seated(self) -> bool {
        Self::SEATED.contains(&self)
    }

    /// Whether the guest cannot register again.
    pub fn is_live(self) -> bool {
        Self::LIVE.contains(&self)
    }
}

numbered! {
    /// The kind of a journal entry.
    ChangeKind, "kind of change" {
        /// The guest got a seat at registration.
        Registered = 0,
        /// The guest joined the waitlist.
        Waitlisted = 1,
        /// The guest got a seat from the waitlist.
        Promoted = 2,
        /// The guest was checked in.
        CheckedIn = 3,
        /// The guest was marked as a no-show.
        MarkedNoShow = 4,
        /// The registration was cancelled.
        Cancelled = 5,
        /// The workshop was cancelled.
        WorkshopCancelled = 6,
        /// The registration was settled.
        Closed = 7,
        /// The check-in was undone.
        CheckInUndone = 8,
        /// The registration moved to another track.
        TrackChanged = 9,
        /// The note was changed. The status stays.
        NoteUpdated = 10,
    }
}

/// The number that orders the waitlist: assigned under the workshop's lock, unique and never reused.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct WaitlistNumber(NonZeroI64);

impl WaitlistNumber {
    /// The waitlist number; the first of a workshop is 1.
    pub fn new(number: i64) -> Option<Self> {
        NonZeroI64::new(number).filter(|number| number.is_positive()).map(Self)
    }

    /// The number as an integer.
    pub fn number(self) -> i64 {
        self.0.get()
    }

    /// The number after this one.
    #[must_use]
    pub fn next(self) -> Self {
        // At one number per nanosecond, an `i64` lasts for 292 years.
        Self::new(self.number() + 1).unwrap_or(self)
    }
}

/// The state of a registration, with the data of that state.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    /// The guest holds a seat.
    Seated,
    /// The guest is on the waitlist.
    Waiting {
        /// The number that orders the waitlist.
        number: WaitlistNumber,
    },
    /// The guest holds a seat and was checked in.
    SignedIn {
        /// The instant of the check-in.
        at: Timestamp,
    },
    /// The guest holds a seat and did not come.
    NoShow,
    /// The registration was cancelled.
    Cancelled {
        /// The instant of the cancellation.
        at: Timestamp,
        /// The reason, if one was given.
        reason: Option<String>,
    },
    /// The workshop was cancelled.
    WorkshopCancelled {
        /// The instant of the cancellation.
        at: Timestamp,
        /// The reason, if one was given.
        reason: Option<String>,
    },
    /// The registration is settled.
    Closed,
}

impl Standing {
    /// The status that clients see.
    pub fn status(&self) -> RegistrationStatus {
        match self {
            Self::Seated => RegistrationStatus::Registered,
            Self::Waiting { .. } => RegistrationStatus::Waitlisted,
            Self::SignedIn { .. } => RegistrationStatus::SignedIn,
            Self::NoShow => RegistrationStatus::NoShow,
            Self::Cancelled { .. } => RegistrationStatus::Cancelled,
            Self::WorkshopCancelled { .. } => RegistrationStatus::WorkshopCancelled,
            Self::Closed => RegistrationStatus::Closed,
        }
    }

    /// The waitlist number, if the guest is on the waitlist.
    pub fn waitlist_number(&self) -> Option<WaitlistNumber> {
        match self {
            Self::Waiting { number } => Some(*number),
            _ => None,
        }
    }
}

/// A registration of a guest for a track of a workshop.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Registration {
    /// The id.
    pub id: RegistrationId,
    /// The guest.
    pub guest: GuestId,
    /// The track.
    pub track: TrackId,
    /// The center where the guest registered.
    pub center: CenterId,
    /// The state.
    pub standing: Standing,
    /// The instant at which the guest got a seat from the waitlist.
    pub promoted_at: Option<Timestamp>,
    /// The note of the staff.
    pub note: Option<String>,
}

/// A change of one registration, for the journal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Transition {
    /// The registration.
    pub registration: RegistrationId,
    /// The kind of the change.
    pub kind: ChangeKind,
    /// The status before; `None` for a new registration.
    pub before: Option<RegistrationStatus>,
    /// The status after.
    pub after: RegistrationStatus,
}
