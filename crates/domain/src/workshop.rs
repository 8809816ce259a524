use crate::{
    Seats, Timestamp, Waitlist, WorkshopId, numbered,
    problems::{NotOpen, NotOpenReason, WindowInvalid},
};

numbered! {
    /// The stage of a workshop, as it is stored. Completion depends on the clock: see [`Workshop::status`].
    Stage, "workshop stage" {
        /// The workshop is hidden from guests.
        Draft = 0,
        /// Guests see the workshop, and can register while its window is open.
        Published = 1,
        /// The workshop was cancelled.
        Cancelled = 2,
    }
}

/// The status of a workshop at an instant.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum WorkshopStatus {
    /// The workshop is hidden from guests.
    Draft,
    /// Guests see the workshop, and can register while its window is open.
    Published,
    /// The workshop was cancelled.
    Cancelled,
    /// The last session has ended.
    Completed,
}

/// Whether a workshop takes registrations at an instant; a track can be full earlier.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RegistrationState {
    /// The registration window has not opened.
    NotYetOpen,
    /// A seat is free.
    Open,
    /// No seat is free, and the waitlist is open.
    WaitlistOnly,
    /// No seat is free, and the waitlist is full or disabled.
    Full,
    /// The window has closed, or the workshop is cancelled or completed.
    Closed,
}

/// The registration window: from `opens_at`, included, to `closes_at`, excluded. `None` is unbounded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Window {
    /// The first instant at which guests can register.
    pub opens_at: Option<Timestamp>,
    /// The first instant at which guests can no longer register.
    pub closes_at: Option<Timestamp>,
}

impl Window {
    pub(crate) fn ensure_in_order(&self) -> Result<(), WindowInvalid> {
        match (self.opens_at, self.closes_at) {
            (Some(opens_at), Some(closes_at)) if closes_at <= opens_at => Err(WindowInvalid),
            _ => Ok(()),
        }
    }
}

/// A workshop as the rules see it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Workshop {
    /// The id.
    pub id: WorkshopId,
    /// The stored stage.
    pub stage: Stage,
    /// The registration window as it is set.
    pub window: Window,
    /// The start of the first session.
    pub starts_at: Option<Timestamp>,
    /// The end of the last session.
    pub ends_at: Option<Timestamp>,
    /// The seats.
    pub seats: Seats,
    /// The waitlist.
    pub waitlist: Waitlist,
}

impl Workshop {
    /// The status at an instant.
    pub fn status(&self, now: Timestamp) -> WorkshopStatus {
        match self.stage {
            Stage::Draft => WorkshopStatus::Draft,
            Stage::Cancelled => WorkshopStatus::Cancelled,
            Stage::Published if self.ends_at.is_some_and(|ends_at| ends_at <= now) => WorkshopStatus::Completed,
            Stage::Published => WorkshopStatus::Published,
        }
    }

    /// The window that applies. If `closes_at` is not set, it closes when the first session starts.
    pub fn effective_window(&self) -> Window {
        Window { opens_at: self.window.opens_at, closes_at: self.window.closes_at.or(self.starts_at) }
    }

    /// Whether the first session has started.
    pub fn has_started(&self, now: Timestamp) -> bool {
        self.starts_at.is_some_and(|starts_at| starts_at <= now)
    }

    /// Ensures that the registration window is open.
    pub fn ensure_open(&self, now: Timestamp) -> Result<(), NotOpen> {
        let window = self.effective_window();
        let reason = match self.status(now) {
            WorkshopStatus::Cancelled => NotOpenReason::WorkshopCancelled,
            WorkshopStatus::Completed => NotOpenReason::WorkshopCompleted,
            WorkshopStatus::Draft => NotOpenReason::NotYetOpen,
            WorkshopStatus::Published if window.opens_at.is_some_and(|opens_at| now < opens_at) => {
                NotOpenReason::NotYetOpen
            }
            WorkshopStatus::Published if window.closes_at.is_some_and(|closes_at| closes_at <= now) => {
                NotOpenReason::Closed
            }
            WorkshopStatus::Published => return Ok(()),
        };
        Err(self.not_open(reason))
    }

    /// Ensures that the waitlist takes one more guest. A workshop without a capacity has no waitlist.
    pub fn ensure_waitlist_open(&self) -> Result<(), NotOpen> {
        if !self.waitlist.enabled || self.seats.capacity.is_none() {
            return Err(self.not_open(NotOpenReason::WaitlistDisabled));
        }
        if self.waitlist.is_full() {
            return Err(self.not_open(NotOpenReason::WaitlistFull));
        }
        Ok(())
    }

    /// Whether the workshop takes registrations, by the rules that decide a registration.
    pub fn registration_state(&self, now: Timestamp) -> RegistrationState {
        match self.ensure_open(now) {
            Err(NotOpen { reason: NotOpenReason::NotYetOpen, .. }) => RegistrationState::NotYetOpen,
            Err(_) => RegistrationState::Closed,
            Ok(()) if self.seats.has_free_seat() => RegistrationState::Open,
            Ok(()) if self.ensure_waitlist_open().is_ok() => RegistrationState::WaitlistOnly,
            Ok(()) => RegistrationState::Full,
        }
    }

    fn not_open(&self, reason: NotOpenReason) -> NotOpen {
        let Window { opens_at, closes_at } = self.effective_window();
        NotOpen { reason, opens_at, closes_at }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(second: i64) -> Timestamp {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn workshop() -> Workshop {
        Workshop {
            id: WorkshopId::from_uuid(uuid::Uuid::from_u128(1)),
            stage: Stage::Published,
            window: Window { opens_at: Some(at(10)), closes_at: None },
            starts_at: Some(at(20)),
            ends_at: Some(at(30)),
            seats: Seats { capacity: Some(1), taken: 0 },
            waitlist: Waitlist { enabled: true, limit: Some(1), length: 0 },
        }
    }

    fn reason(result: Result<(), NotOpen>) -> Option<NotOpenReason> {
        result.err().map(|not_open| not_open.reason)
    }

    #[test]
    fn the_window_includes_its_first_instant_and_excludes_its_last() {
        let workshop = workshop();
        assert_eq!(reason(workshop.ensure_open(at(9))), Some(NotOpenReason::NotYetOpen));
        assert_eq!(reason(workshop.ensure_open(at(10))), None);
        assert_eq!(reason(workshop.ensure_open(at(19))), None);
        assert_eq!(reason(workshop.ensure_open(at(20))), Some(NotOpenReason::Closed));
    }

    #[test]
    fn a_set_closing_time_overrides_the_start_of_the_first_session() {
        let mut workshop = workshop();
        workshop.window.closes_at = Some(at(25));
        assert_eq!(reason(workshop.ensure_open(at(24))), None);
        assert_eq!(reason(workshop.ensure_open(at(25))), Some(NotOpenReason::Closed));
    }

    #[test]
    fn a_window_without_bounds_is_open() {
        let mut workshop = workshop();
        workshop.window = Window { opens_at: None, closes_at: None };
        workshop.starts_at = None;
        workshop.ends_at = None;
        assert_eq!(reason(workshop.ensure_open(at(i64::from(i32::MAX)))), None);
        assert_eq!(reason(workshop.ensure_open(at(0))), None);
    }

    #[test]
    fn a_workshop_is_completed_when_its_last_session_has_ended() {
        let workshop = workshop();
        assert_eq!(workshop.status(at(29)), WorkshopStatus::Published);
        assert_eq!(workshop.status(at(30)), WorkshopStatus::Completed);
        assert_eq!(reason(workshop.ensure_open(at(30))), Some(NotOpenReason::WorkshopCompleted));
        let cancelled = Workshop { stage: Stage::Cancelled, ..workshop };
        assert_eq!(cancelled.status(at(30)), WorkshopStatus::Cancelled);
        assert_eq!(reason(cancelled.ensure_open(at(15))), Some(NotOpenReason::WorkshopCancelled));
    }

    #[test]
    fn the_registration_state_depends_on_the_seats_and_then_on_the_waitlist() {
        let mut workshop = workshop();
        assert_eq!(workshop.registration_state(at(9)), RegistrationState::NotYetOpen);
        assert_eq!(workshop.registration_state(at(15)), RegistrationState::Open);
        workshop.seats.taken = 1;
        assert_eq!(workshop.registration_state(at(15)), RegistrationState::WaitlistOnly);
        workshop.waitlist.length = 1;
        assert_eq!(workshop.registration_state(at(15)), RegistrationState::Full);
        assert_eq!(workshop.registration_state(at(20)), RegistrationState::Closed);
    }

    #[test]
    fn a_workshop_without_a_capacity_has_no_waitlist() {
        let mut workshop = workshop();
        workshop.seats.capacity = None;
        assert_eq!(reason(workshop.ensure_waitlist_open()), Some(NotOpenReason::WaitlistDisabled));
    }
}
