use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    CenterId, GuestId, Place, RegistrationId, Seats, Stage, Standing, Timestamp, TrackId, Workshop,
    problems::{
        AlreadyRegistered, CapacityExceeded, CapacityScope, CenterInvalid, GuestInvalid, RegistrationNotOpen,
        TrackNotInWorkshop, WaitlistNotOpen, WorkshopInvalid,
    },
};

/// One workshop as it stands while nobody else can change it: what the rules read, and what they leave behind.
///
/// Commands of one batch are decided on the same desk one after the other, each seeing the effect of those before.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The workshop, with its seats and its line.
    pub workshop: Workshop,
    /// Its tracks with their own seats.
    pub tracks: BTreeMap<TrackId, Seats>,
    /// The centers that run it.
    pub centers: BTreeSet<CenterId>,
    /// Of the guests asked for: those who exist, with their live registration here.
    pub guests: HashMap<GuestId, Option<RegistrationId>>,
    /// The place that the next guest in line gets.
    pub next_place: Place,
}

impl Desk {
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

    /// The live registration of a guest here.
    pub fn live_registration(&self, guest: GuestId) -> Option<RegistrationId> {
        self.guests.get(&guest).copied().flatten()
    }

    pub(crate) fn ensure_open(&self, now: Timestamp) -> Result<(), RegistrationNotOpen> {
        self.workshop.ensure_open(now).map_err(RegistrationNotOpen)
    }

    pub(crate) fn ensure_line_open(&self, now: Timestamp) -> Result<(), WaitlistNotOpen> {
        self.workshop.ensure_open(now).and_then(|()| self.workshop.ensure_line_open()).map_err(WaitlistNotOpen)
    }

    pub(crate) fn take_seat(&mut self, track: TrackId) -> Result<Standing, CapacityExceeded> {
        let on_track = self.tracks.get_mut(&track);
        let full = [
            (CapacityScope::Workshop, Some(self.workshop.seats)),
            (CapacityScope::Track, on_track.as_deref().copied()),
        ]
        .into_iter()
        .find_map(|(scope, seats)| {
            let seats = seats.filter(|seats| !seats.has_room())?;
            Some((scope, seats.capacity?))
        });
        if let Some((scope, capacity)) = full {
            let waitlist_open = self.workshop.ensure_line_open().is_ok();
            return Err(CapacityExceeded { scope, capacity, waitlist_open });
        }
        self.workshop.seats.taken += 1;
        if let Some(seats) = on_track {
            seats.taken += 1;
        }
        Ok(Standing::Seated)
    }

    pub(crate) fn take_place(&mut self) -> Standing {
        let place = self.next_place;
        self.next_place = place.next();
        self.workshop.waitlist.length += 1;
        Standing::Waiting { place }
    }

    pub(crate) fn remember(&mut self, guest: GuestId, registration: RegistrationId) {
        self.guests.insert(guest, Some(registration));
    }
}
