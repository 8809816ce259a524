use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    CenterId, ChangeKind, GuestId, Registration, RegistrationId, Seats, Stage, Standing, Timestamp, TrackId,
    Transition, WaitlistNumber, Workshop,
    access::Authority,
    problems::{
        AlreadyRegistered, CapacityExceeded, CapacityScope, CenterInvalid, GuestInvalid, RegistrationNotOpen,
        TrackNotInWorkshop, WaitlistNotOpen, WorkshopInvalid,
    },
};

/// One workshop as it stands while nobody else can change it: what the rules read, and what they leave behind.
///
/// Commands of one batch are decided on the same aggregate one after the other, each seeing the effect of those before.
#[derive(Clone, Debug)]
pub struct WorkshopAggregate {
    /// The workshop, with its seats and its line.
    pub workshop: Workshop,
    /// Its tracks with their own seats.
    pub tracks: BTreeMap<TrackId, Seats>,
    /// The centers that run it.
    pub centers: BTreeSet<CenterId>,
    /// Of the guests asked for: those who exist, with their live registration here.
    pub guests: HashMap<GuestId, Option<RegistrationId>>,
    /// Of the guests and the centers asked for: who is at home there, or has registered there.
    pub guest_centers: HashMap<GuestId, BTreeSet<CenterId>>,
    /// The place that the next guest in line gets.
    pub next_waitlist_number: WaitlistNumber,
    /// The registrations asked for, those at the head of the line, and those that commands of this batch began.
    pub registrations: HashMap<RegistrationId, Registration>,
    /// The head of the line: as many as the commands of this batch can let in.
    pub waitlist: BTreeMap<WaitlistNumber, RegistrationId>,
}

impl WorkshopAggregate {
    pub(crate) fn ensure_published(&self) -> Result<(), WorkshopInvalid> {
        match self.workshop.stage {
            Stage::Draft => Err(WorkshopInvalid),
            Stage::Published | Stage::Cancelled => Ok(()),
        }
    }

    pub(crate) fn ensure_guest(&self, guest: Option<GuestId>) -> Result<GuestId, GuestInvalid> {
        guest.filter(|guest| self.guests.contains_key(guest)).ok_or(GuestInvalid)
    }

    pub(crate) fn ensure_center(&self, center: Option<CenterId>) -> Result<CenterId, CenterInvalid> {
        center.filter(|center| self.centers.contains(center)).ok_or(CenterInvalid)
    }

    pub(crate) fn ensure_track(&self, track: Option<TrackId>) -> Result<TrackId, TrackNotInWorkshop> {
        track.filter(|track| self.tracks.contains_key(track)).ok_or(TrackNotInWorkshop)
    }

    pub(crate) fn ensure_not_live(&self, guest: GuestId) -> Result<(), AlreadyRegistered> {
        match self.live_registration(guest) {
            Some(registration) => Err(AlreadyRegistered { registration }),
            None => Ok(()),
        }
    }

    /// Whether somebody sees a registration on this aggregate.
    pub fn is_visible_to(&self, authority: &Authority, registration: RegistrationId) -> bool {
        let registration = self.registrations.get(&registration);
        registration.is_some_and(|it| authority.visibility().registrations().includes_registration(it.guest, it.center))
    }

    /// The live registration of a guest here.
    pub fn live_registration(&self, guest: GuestId) -> Option<RegistrationId> {
        self.guests.get(&guest).copied().flatten()
    }

    pub(crate) fn ensure_open(&self, now: Timestamp) -> Result<(), RegistrationNotOpen> {
        self.workshop.ensure_open(now).map_err(RegistrationNotOpen)
    }

    pub(crate) fn ensure_waitlist_open(&self, now: Timestamp) -> Result<(), WaitlistNotOpen> {
        self.workshop.ensure_open(now).and_then(|()| self.workshop.ensure_waitlist_open()).map_err(WaitlistNotOpen)
    }

    pub(crate) fn ensure_seat_available(&self, track: TrackId, now: Timestamp) -> Result<(), CapacityExceeded> {
        let waitlist_open = self.ensure_waitlist_open(now).is_ok();
        let full = |scope, seats: Option<&Seats>| {
            let capacity = seats.filter(|seats| !seats.has_free_seat())?.capacity?;
            Some(CapacityExceeded { scope, capacity, waitlist_open })
        };
        full(CapacityScope::Workshop, Some(&self.workshop.seats))
            .or_else(|| full(CapacityScope::Track, self.tracks.get(&track)))
            .map_or(Ok(()), Err)
    }

    /// The place behind everybody.
    pub(crate) fn take_waitlist_number(&mut self) -> WaitlistNumber {
        let number = self.next_waitlist_number;
        self.next_waitlist_number = number.next();
        number
    }

    /// A registration that begins.
    pub(crate) fn add_registration(&mut self, registration: Registration, kind: ChangeKind) -> Transition {
        let (id, after) = (registration.id, registration.standing.status());
        self.count(&registration, Count::In);
        self.registrations.insert(id, registration);
        Transition { registration: id, kind, before: None, after }
    }

    /// A registration that stands otherwise from now on; `None` when it is not on this aggregate.
    pub(crate) fn set_standing(
        &mut self,
        id: RegistrationId,
        standing: Standing,
        kind: ChangeKind,
    ) -> Option<Transition> {
        self.change(id, kind, |registration| registration.standing = standing)
    }

    /// A registration that goes to another track, seat or place and all.
    pub(crate) fn change_track(&mut self, id: RegistrationId, track: TrackId) -> Option<Transition> {
        self.change(id, ChangeKind::TrackChanged, |registration| registration.track = track)
    }

    /// Gives the free seats to those who wait: each to the first in line whose track has room. Who is skipped keeps the
    /// place. Nobody gets a seat once the first session has started, or at a workshop that takes place no more.
    pub(crate) fn promote_waiting(&mut self, now: Timestamp) -> Vec<Transition> {
        let mut promoted = Vec::new();
        if self.workshop.stage != Stage::Published || self.workshop.has_started(now) {
            return promoted;
        }
        // Whoever has no room now finds none later in this round: seats are only taken.
        let waiting: Vec<_> = self.waitlist.values().copied().collect();
        for id in waiting {
            if !self.workshop.seats.has_free_seat() {
                break;
            }
            promoted.extend(self.promote(id, now));
        }
        promoted
    }

    /// Gives a seat to one who waits, if the track has room.
    pub(crate) fn promote(&mut self, id: RegistrationId, now: Timestamp) -> Option<Transition> {
        let track = self.registrations.get(&id)?.track;
        self.ensure_seat_available(track, now).ok()?;
        self.change(id, ChangeKind::Promoted, |registration| {
            registration.standing = Standing::Seated;
            registration.promoted_at = Some(now);
        })
    }

    fn change(
        &mut self,
        id: RegistrationId,
        kind: ChangeKind,
        change: impl FnOnce(&mut Registration),
    ) -> Option<Transition> {
        let mut registration = self.registrations.remove(&id)?;
        let before = registration.standing.status();
        self.count(&registration, Count::Out);
        change(&mut registration);
        self.count(&registration, Count::In);
        let after = registration.standing.status();
        self.registrations.insert(id, registration);
        Some(Transition { registration: id, kind, before: Some(before), after })
    }

    /// Keeps the counters, the line and the guests in step with a registration that comes or goes.
    fn count(&mut self, registration: &Registration, way: Count) {
        let (id, status) = (registration.id, registration.standing.status());
        if status.is_seated() {
            way.step(&mut self.workshop.seats.taken);
            if let Some(seats) = self.tracks.get_mut(&registration.track) {
                way.step(&mut seats.taken);
            }
        }
        if let Some(number) = registration.standing.waitlist_number() {
            way.step(&mut self.workshop.waitlist.length);
            match way {
                Count::In => self.waitlist.insert(number, id),
                Count::Out => self.waitlist.remove(&number),
            };
        }
        if status.is_live()
            && let Some(live) = self.guests.get_mut(&registration.guest)
        {
            *live = match way {
                Count::In => Some(id),
                Count::Out => None,
            };
        }
    }
}

/// Which way a counter goes.
#[derive(Clone, Copy)]
enum Count {
    In,
    Out,
}

impl Count {
    fn step(self, counter: &mut u32) {
        *counter = match self {
            Self::In => counter.saturating_add(1),
            Self::Out => counter.saturating_sub(1),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{NOW, aggregate, at, registration, track};

    fn promoted(aggregate: &mut WorkshopAggregate) -> Vec<RegistrationId> {
        aggregate.promote_waiting(at(NOW)).iter().map(|transition| transition.registration).collect()
    }

    #[test]
    fn free_seats_go_to_the_first_in_line() {
        let mut aggregate = aggregate().with_seated_guest(1, 1).with_waitlisted_guest(2, 1).with_waitlisted_guest(3, 1);
        assert_eq!(promoted(&mut aggregate), [registration(2)]);
        assert_eq!((aggregate.workshop.seats.taken, aggregate.workshop.waitlist.length), (2, 1));
        assert_eq!(aggregate.registrations[&registration(2)].promoted_at, Some(at(NOW)));
        assert_eq!(promoted(&mut aggregate), [], "there is no seat left");
    }

    #[test]
    fn who_waits_for_a_full_track_is_skipped_and_keeps_the_place() {
        let mut aggregate = aggregate().with_seated_guest(1, 2).with_waitlisted_guest(2, 2).with_waitlisted_guest(3, 1);
        assert_eq!(promoted(&mut aggregate), [registration(3)]);
        assert_eq!(aggregate.waitlist.values().copied().collect::<Vec<_>>(), [registration(2)]);
        assert_eq!(aggregate.tracks[&track(2)].taken, 1);
    }

    #[test]
    fn nobody_is_promoted_once_it_has_started_or_takes_place_no_more() {
        let mut started = aggregate().with_waitlisted_guest(1, 1);
        started.workshop.starts_at = Some(at(NOW));
        assert_eq!(promoted(&mut started), []);
        let mut cancelled = aggregate().with_waitlisted_guest(1, 1);
        cancelled.workshop.stage = Stage::Cancelled;
        assert_eq!(promoted(&mut cancelled), []);
    }

    #[test]
    fn a_registration_that_ends_leaves_its_seat_and_its_guest_free() {
        let mut aggregate = aggregate().with_seated_guest(1, 2);
        let guest = aggregate.registrations[&registration(1)].guest;
        assert_eq!(aggregate.live_registration(guest), Some(registration(1)));
        let cancelled = Standing::Cancelled { at: at(NOW), reason: None };
        aggregate.set_standing(registration(1), cancelled, ChangeKind::Cancelled).unwrap();
        assert_eq!((aggregate.workshop.seats.taken, aggregate.tracks[&track(2)].taken), (0, 0));
        assert_eq!(aggregate.live_registration(guest), None);
    }
}
