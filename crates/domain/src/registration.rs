use std::num::NonZeroI64;

use crate::{CenterId, GuestId, RegistrationId, Timestamp, TrackId, numbered};

numbered! {
    /// What became of a registration, with the numbers of the documented `RegistrationStatus`.
    /// Substituted (5), Enrolled (8) and Rejected (9) are reserved and not produced.
    RegistrationStatus, "registration status" {
        /// Holds a seat.
        Registered = 0,
        /// Given up by the guest or for the guest.
        Cancelled = 1,
        /// Held a seat and did not come.
        NoShow = 2,
        /// Came; holds a seat.
        SignedIn = 3,
        /// Waits in line for a seat.
        Waitlisted = 4,
        /// Released because the workshop was cancelled.
        WorkshopCancelled = 6,
        /// Settled; nothing leaves this state.
        Closed = 7,
    }
}

impl RegistrationStatus {
    /// Those whose holders count in `seatsTaken`.
    pub const SEATED: [Self; 4] = [Self::Registered, Self::SignedIn, Self::NoShow, Self::Closed];
    /// Those of which a guest has at most one per workshop.
    pub const LIVE: [Self; 4] = [Self::Registered, Self::Waitlisted, Self::SignedIn, Self::NoShow];

    /// Whether it holds a seat.
    pub fn is_seated(self) -> bool {
        Self::SEATED.contains(&self)
    }

    /// Whether its guest cannot register again meanwhile.
    pub fn is_live(self) -> bool {
        Self::LIVE.contains(&self)
    }
}

numbered! {
    /// What happened, as the journal tells it.
    ChangeKind, "kind of change" {
        /// Got a seat at once.
        Registered = 0,
        /// Got a place in line.
        Waitlisted = 1,
        /// Got a seat from the line.
        Promoted = 2,
        /// Came.
        CheckedIn = 3,
        /// Held a seat and did not come.
        MarkedNoShow = 4,
        /// Was given up.
        Cancelled = 5,
        /// Was released because the workshop was cancelled.
        WorkshopCancelled = 6,
        /// Was settled.
        Closed = 7,
        /// Had not come after all.
        CheckInUndone = 8,
        /// Went to another track.
        TrackChanged = 9,
    }
}

/// A place in line: given under the workshop's lock, never twice, never reused.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct WaitlistNumber(NonZeroI64);

impl WaitlistNumber {
    /// The place with this number; the first of a workshop is 1.
    pub fn new(number: i64) -> Option<Self> {
        NonZeroI64::new(number).filter(|number| number.is_positive()).map(Self)
    }

    /// The number of this place.
    pub fn number(self) -> i64 {
        self.0.get()
    }

    /// The place behind this one.
    #[must_use]
    pub fn next(self) -> Self {
        // At one guest a nanosecond the numbers last for 292 years.
        Self::new(self.number() + 1).unwrap_or(self)
    }
}

/// Where a registration stands, with what belongs to that state and to no other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    /// Holds a seat.
    Seated,
    /// Waits in line.
    Waiting {
        /// The place in line.
        number: WaitlistNumber,
    },
    /// Came; holds a seat.
    SignedIn {
        /// When the guest came.
        at: Timestamp,
    },
    /// Holds a seat and did not come.
    NoShow,
    /// Given up.
    Cancelled {
        /// When.
        at: Timestamp,
        /// Why, if anybody said.
        reason: Option<String>,
    },
    /// Released because the workshop was cancelled.
    WorkshopCancelled {
        /// When.
        at: Timestamp,
        /// Why, if anybody said.
        reason: Option<String>,
    },
    /// Settled.
    Closed,
}

impl Standing {
    /// The status under which clients know this state.
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

    /// The place in line, for those who wait.
    pub fn waitlist_number(&self) -> Option<WaitlistNumber> {
        match self {
            Self::Waiting { number } => Some(*number),
            _ => None,
        }
    }
}

/// A registration as the rules see it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Registration {
    /// Its id.
    pub id: RegistrationId,
    /// The guest.
    pub guest: GuestId,
    /// The track.
    pub track: TrackId,
    /// The center where the guest registered.
    pub center: CenterId,
    /// Where it stands.
    pub standing: Standing,
    /// When it got its seat from the line, if that is where the seat came from.
    pub promoted_at: Option<Timestamp>,
}

/// A change of state of one registration, for the journal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Transition {
    /// The registration.
    pub registration: RegistrationId,
    /// What happened.
    pub kind: ChangeKind,
    /// The state before; `None` for one that has just begun.
    pub before: Option<RegistrationStatus>,
    /// The state after.
    pub after: RegistrationStatus,
}
