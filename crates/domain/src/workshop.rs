use crate::{
    Seats, Timestamp, Waitlist, WorkshopId, numbered,
    problems::{NotOpen, NotOpenReason, WindowInvalid},
};

numbered! {
    /// How far its authors have taken a workshop. That it is over is a matter of the clock: see [`Workshop::status`].
    Stage, "workshop stage" {
        /// Being written; not yet for guests.
        Draft = 0,
        /// Visible, and open when its window says so.
        Published = 1,
        /// Called off.
        Cancelled = 2,
    }
}

/// What a workshop is, at an instant.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum WorkshopStatus {
    /// Being written; not yet for guests.
    Draft,
    /// Visible, and open when its window says so.
    Published,
    /// Called off.
    Cancelled,
    /// Its last session has ended.
    Completed,
}

/// What a guest can do at an instant, as far as the workshop as a whole decides it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RegistrationState {
    /// The window has not opened.
    NotYetOpen,
    /// There is a seat.
    Open,
    /// No seat, but a place in line.
    WaitlistOnly,
    /// Neither a seat nor a place in line.
    Full,
    /// The window has closed, or the workshop is cancelled or over.
    Closed,
}

/// When registrations are taken: from `opens_at` on, until just before `closes_at`. An end that is `None` is open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Window {
    /// The first instant at which it is open.
    pub opens_at: Option<Timestamp>,
    /// The first instant at which it is closed again.
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

/// What the rules need to know of a workshop.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Workshop {
    /// Its id.
    pub id: WorkshopId,
    /// How far its authors have taken it.
    pub stage: Stage,
    /// The registration window as its authors set it.
    pub window: Window,
    /// The start of its first session.
    pub starts_at: Option<Timestamp>,
    /// The end of its last session.
    pub ends_at: Option<Timestamp>,
    /// Its seats.
    pub seats: Seats,
    /// Its line.
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

    /// The window as it applies: without a closing of its own it closes when the first session starts.
    pub fn effective_window(&self) -> Window {
        Window { opens_at: self.window.opens_at, closes_at: self.window.closes_at.or(self.starts_at) }
    }

    /// Whether its first session has started.
    pub fn has_started(&self, now: Timestamp) -> bool {
        self.starts_at.is_some_and(|starts_at| starts_at <= now)
    }

    /// The workshop takes registrations, and people in line, now.
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

    /// The line takes one more guest. Who sits on unlimited seats never waits, so there is no line without a capacity.
    pub fn ensure_waitlist_open(&self) -> Result<(), NotOpen> {
        if !self.waitlist.enabled || self.seats.capacity.is_none() {
            return Err(self.not_open(NotOpenReason::WaitlistDisabled));
        }
        if self.waitlist.is_full() {
            return Err(self.not_open(NotOpenReason::WaitlistFull));
        }
        Ok(())
    }

    /// What a guest can do at an instant, from the same rules that decide a registration.
    pub fn registration_state(&self, now: Timestamp) -> RegistrationState {
        match self.ensure_open(now) {
            Err(NotOpen { reason: NotOpenReason::NotYetOpen, .. }) => RegistrationState::NotYetOpen,
            Err(_) => RegistrationState::Closed,
            Ok(()) if self.seats.has_room() => RegistrationState::Open,
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
    fn the_window_holds_its_first_instant_and_not_its_last() {
        let workshop = workshop();
        assert_eq!(reason(workshop.ensure_open(at(9))), Some(NotOpenReason::NotYetOpen));
        assert_eq!(reason(workshop.ensure_open(at(10))), None);
        assert_eq!(reason(workshop.ensure_open(at(19))), None);
        assert_eq!(reason(workshop.ensure_open(at(20))), Some(NotOpenReason::Closed));
    }

    #[test]
    fn a_closing_of_its_own_comes_before_the_first_session() {
        let mut workshop = workshop();
        workshop.window.closes_at = Some(at(25));
        assert_eq!(reason(workshop.ensure_open(at(24))), None);
        assert_eq!(reason(workshop.ensure_open(at(25))), Some(NotOpenReason::Closed));
    }

    #[test]
    fn an_end_that_is_not_set_is_open() {
        let mut workshop = workshop();
        workshop.window = Window { opens_at: None, closes_at: None };
        workshop.starts_at = None;
        workshop.ends_at = None;
        assert_eq!(reason(workshop.ensure_open(at(i64::from(i32::MAX)))), None);
        assert_eq!(reason(workshop.ensure_open(at(0))), None);
    }

    #[test]
    fn a_workshop_is_over_when_its_last_session_has_ended() {
        let workshop = workshop();
        assert_eq!(workshop.status(at(29)), WorkshopStatus::Published);
        assert_eq!(workshop.status(at(30)), WorkshopStatus::Completed);
        assert_eq!(reason(workshop.ensure_open(at(30))), Some(NotOpenReason::WorkshopCompleted));
        let cancelled = Workshop { stage: Stage::Cancelled, ..workshop };
        assert_eq!(cancelled.status(at(30)), WorkshopStatus::Cancelled);
        assert_eq!(reason(cancelled.ensure_open(at(15))), Some(NotOpenReason::WorkshopCancelled));
    }

    #[test]
    fn the_state_follows_the_seats_and_then_the_line() {
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
    fn unlimited_seats_keep_no_line() {
        let mut workshop = workshop();
        workshop.seats.capacity = None;
        assert_eq!(reason(workshop.ensure_waitlist_open()), Some(NotOpenReason::WaitlistDisabled));
    }
}
