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

/// A locked workshop with the registrations and guests that a batch of commands needs. Rules read and change it.
///
/// The commands of a batch are decided one after the other on the same aggregate: each sees the effects of the earlier
/// ones.
#[derive(Clone, Debug)]
pub struct WorkshopAggregate {
    /// The workshop, with its seats and its waitlist.
    pub workshop: Workshop,
    /// The seats of each track.
    pub tracks: BTreeMap<TrackId, Seats>,
    /// The centers that run the workshop.
    pub centers: BTreeSet<CenterId>,
    /// The requested guests who exist, each with their live registration for this workshop.
    pub guests: HashMap<GuestId, Option<RegistrationId>>,
    /// The requested guests, each with the requested centers where they have their home or a registration.
    pub guest_centers: HashMap<GuestId, BTreeSet<CenterId>>,
    /// The waitlist number of the next guest.
    pub next_waitlist_number: WaitlistNumber,
    /// The requested registrations, the first ones of the waitlist, and the new ones of this batch.
    registrations: HashMap<RegistrationId, Registration>,
    /// The first registrations of the waitlist: as many as the commands of this batch can promote.
    waitlist: BTreeMap<WaitlistNumber, RegistrationId>,
    /// The changes since the last call of [`WorkshopAggregate::take_transitions`].
    transitions: Vec<Transition>,
}

impl WorkshopAggregate {
    /// The aggregate of a workshop, still without tracks, centers, guests and registrations.
    pub fn new(workshop: Workshop, next_waitlist_number: WaitlistNumber) -> Self {
        Self {
            workshop,
            tracks: BTreeMap::new(),
            centers: BTreeSet::new(),
            guests: HashMap::new(),
            guest_centers: HashMap::new(),
            next_waitlist_number,
            registrations: HashMap::new(),
            waitlist: BTreeMap::new(),
            transitions: Vec::new(),
        }
    }

    /// Adds a registration as the database has it. The counters include it already.
    pub fn load_registration(&mut self, registration: Registration) {
        if let Some(number) = registration.standing.waitlist_number() {
            self.waitlist.insert(number, registration.id);
        }
        self.registrations.insert(registration.id, registration);
    }

    /// A loaded or new registration.
    pub fn registration(&self, id: RegistrationId) -> Option<&Registration> {
        self.registrations.get(&id)
    }

    /// All loaded and new registrations, in no order.
    pub fn registrations(&self) -> impl Iterator<Item = &Registration> {
        self.registrations.values()
    }

    /// The changes that no caller has taken yet, in their order.
    pub fn transitions(&self) -> &[Transition] {
        &self.transitions
    }

    /// Takes the changes, to write them. Every change of a registration is among them: only the methods of this type
    /// change one, and each of them adds a transition.
    pub fn take_transitions(&mut self) -> Vec<Transition> {
        std::mem::take(&mut self.transitions)
    }

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

    /// Whether a caller can see a registration of this aggregate.
    pub fn is_visible_to(&self, authority: &Authority, registration: RegistrationId) -> bool {
        let registration = self.registrations.get(&registration);
        registration
            .is_some_and(|row| authority.visibility().registrations().includes_registration(row.guest, row.center))
    }

    /// The live registration of a guest for this workshop.
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

    /// Assigns the next waitlist number.
    pub(crate) fn take_waitlist_number(&mut self) -> WaitlistNumber {
        let number = self.next_waitlist_number;
        self.next_waitlist_number = number.next();
        number
    }

    /// Adds a new registration.
    pub(crate) fn add_registration(&mut self, registration: Registration, kind: ChangeKind) {
        let (id, after) = (registration.id, registration.standing.status());
        self.update_counters(&registration, Counting::Add);
        self.registrations.insert(id, registration);
        self.transitions.push(Transition { registration: id, kind, before: None, after });
    }

    /// Changes the state of a registration.
    pub(crate) fn set_standing(&mut self, id: RegistrationId, standing: Standing, kind: ChangeKind) {
        self.change(id, kind, |registration| registration.standing = standing);
    }

    /// Moves a registration to another track, with its seat or its waitlist number.
    pub(crate) fn change_track(&mut self, id: RegistrationId, track: TrackId) {
        self.change(id, ChangeKind::TrackChanged, |registration| registration.track = track);
    }

    /// Replaces the note of a registration.
    pub(crate) fn set_note(&mut self, id: RegistrationId, note: Option<String>) {
        self.change(id, ChangeKind::NoteUpdated, |registration| registration.note = note);
    }

    /// Gives each free seat to the first guest on the waitlist whose track has a free seat. A skipped guest keeps the
    /// waitlist number. No guest is promoted after the first session has started, or if the workshop is not published.
    pub(crate) fn promote_waiting(&mut self, now: Timestamp) {
        if self.workshop.stage != Stage::Published || self.workshop.has_started(now) {
            return;
        }
        // One pass is enough: this loop only takes seats, so a skipped guest finds no seat later in it.
        let waiting: Vec<_> = self.waitlist.values().copied().collect();
        for id in waiting {
            if !self.workshop.seats.has_free_seat() {
                break;
            }
            self.promote(id, now);
        }
    }

    /// Gives a seat to a guest on the waitlist, if the workshop and the track have one.
    pub(crate) fn promote(&mut self, id: RegistrationId, now: Timestamp) {
        let Some(track) = self.registration(id).map(|registration| registration.track) else { return };
        if self.ensure_seat_available(track, now).is_ok() {
            self.change(id, ChangeKind::Promoted, |registration| {
                registration.standing = Standing::Seated;
                registration.promoted_at = Some(now);
            });
        }
    }

    /// Changes a registration and adds the transition. Rules get the id from [`WorkshopAggregate::registration`].
    fn change(&mut self, id: RegistrationId, kind: ChangeKind, change: impl FnOnce(&mut Registration)) {
        let Some(mut registration) = self.registrations.remove(&id) else { return };
        let before = registration.standing.status();
        self.update_counters(&registration, Counting::Remove);
        change(&mut registration);
        self.update_counters(&registration, Counting::Add);
        let after = registration.standing.status();
        self.registrations.insert(id, registration);
        self.transitions.push(Transition { registration: id, kind, before: Some(before), after });
    }

    /// Adds a registration to the counters, the waitlist and the guests, or removes it from them.
    fn update_counters(&mut self, registration: &Registration, counting: Counting) {
        let (id, status) = (registration.id, registration.standing.status());
        if status.is_seated() {
            counting.apply(&mut self.workshop.seats.taken);
            if let Some(seats) = self.tracks.get_mut(&registration.track) {
                counting.apply(&mut seats.taken);
            }
        }
        if let Some(number) = registration.standing.waitlist_number() {
            counting.apply(&mut self.workshop.waitlist.length);
            match counting {
                Counting::Add => self.waitlist.insert(number, id),
                Counting::Remove => self.waitlist.remove(&number),
            };
        }
        if status.is_live()
            && let Some(live) = self.guests.get_mut(&registration.guest)
        {
            *live = match counting {
                Counting::Add => Some(id),
                Counting::Remove => None,
            };
        }
    }
}

/// Whether a registration is added to the counters or removed from them.
#[derive(Clone, Copy)]
enum Counting {
    Add,
    Remove,
}

impl Counting {
    fn apply(self, counter: &mut u32) {
        *counter = match self {
            Self::Add => counter.saturating_add(1),
            Self::Remove => counter.saturating_sub(1),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{NOW, aggregate, at, registration, track};

    fn promoted(aggregate: &mut WorkshopAggregate) -> Vec<RegistrationId> {
        aggregate.take_transitions();
        aggregate.promote_waiting(at(NOW));
        aggregate.take_transitions().iter().map(|transition| transition.registration).collect()
    }

    #[test]
    fn a_free_seat_goes_to_the_first_guest_on_the_waitlist() {
        let mut aggregate = aggregate().with_seated_guest(1, 1).with_waitlisted_guest(2, 1).with_waitlisted_guest(3, 1);
        assert_eq!(promoted(&mut aggregate), [registration(2)]);
        assert_eq!((aggregate.workshop.seats.taken, aggregate.workshop.waitlist.length), (2, 1));
        assert_eq!(aggregate.registrations[&registration(2)].promoted_at, Some(at(NOW)));
        assert_eq!(promoted(&mut aggregate), [], "no seat is free");
    }

    #[test]
    fn a_guest_who_waits_for_a_full_track_is_skipped_and_keeps_the_waitlist_number() {
        let mut aggregate = aggregate().with_seated_guest(1, 2).with_waitlisted_guest(2, 2).with_waitlisted_guest(3, 1);
        assert_eq!(promoted(&mut aggregate), [registration(3)]);
        assert_eq!(aggregate.waitlist.values().copied().collect::<Vec<_>>(), [registration(2)]);
        assert_eq!(aggregate.tracks[&track(2)].taken, 1);
    }

    #[test]
    fn no_guest_is_promoted_after_the_start_or_the_cancellation_of_a_workshop() {
        let mut started = aggregate().with_waitlisted_guest(1, 1);
        started.workshop.starts_at = Some(at(NOW));
        assert_eq!(promoted(&mut started), []);
        let mut cancelled = aggregate().with_waitlisted_guest(1, 1);
        cancelled.workshop.stage = Stage::Cancelled;
        assert_eq!(promoted(&mut cancelled), []);
    }

    #[test]
    fn a_cancelled_registration_frees_its_seat_and_lets_the_guest_register_again() {
        let mut aggregate = aggregate().with_seated_guest(1, 2);
        let guest = aggregate.registrations[&registration(1)].guest;
        assert_eq!(aggregate.live_registration(guest), Some(registration(1)));
        let cancelled = Standing::Cancelled { at: at(NOW), reason: None };
        aggregate.set_standing(registration(1), cancelled, ChangeKind::Cancelled);
        assert_eq!((aggregate.workshop.seats.taken, aggregate.tracks[&track(2)].taken), (0, 0));
        assert_eq!(aggregate.live_registration(guest), None);
    }
}
