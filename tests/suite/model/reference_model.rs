//! The reference model: a second, simple implementation of the rules that shares no code with the product.

mod edits;

use std::collections::BTreeMap;

use edits::EDITED;

use super::operation::{CAPACITY, GUESTS, Operation, TRACKS, WAITLIST_LIMIT};

/// The result of an operation: the registration's status and the promoted guests, or the name of a problem.
pub(super) type Outcome = Result<(&'static str, Vec<usize>), &'static str>;

#[derive(Clone, Debug, PartialEq)]
struct Registration {
    guest: usize,
    track: usize,
    status: &'static str,
    waitlist_number: usize,
}

/// The seats of a track; `None` for a track without its own limit.
type Limit = Option<usize>;

/// A workshop in memory. The last registration of a guest is the current one.
#[derive(Debug)]
pub(super) struct ReferenceModel {
    registrations: Vec<Registration>,
    last_waitlist_number: usize,
    capacity: usize,
    waitlist_limit: usize,
    waitlist_enabled: bool,
    closed: bool,
    /// The limit of each track; `None` for a removed track.
    tracks: [Option<Limit>; 3],
    /// The starting hour of each session; `None` for a cancelled session.
    sessions: Vec<Option<usize>>,
    hour: usize,
    cancelled: bool,
}

impl Default for ReferenceModel {
    fn default() -> Self {
        Self {
            registrations: Vec::new(),
            last_waitlist_number: 0,
            capacity: CAPACITY,
            waitlist_limit: WAITLIST_LIMIT,
            waitlist_enabled: true,
            closed: false,
            tracks: TRACKS.map(Some),
            sessions: vec![Some(1)],
            hour: 0,
            cancelled: false,
        }
    }
}

impl ReferenceModel {
    pub(super) fn apply(&mut self, operation: Operation) -> Outcome {
        match operation {
            Operation::Start => {
                self.hour = 1;
                Ok(("STARTED", Vec::new()))
            }
            Operation::Rename { .. } => EDITED,
            Operation::Register { guest, track, waitlist } => self.register(guest, track, waitlist),
            Operation::RegisterTogether { first, track, all } => self.register_together(first, track, all),
            Operation::Edit(edit) => self.edit(edit),
            Operation::Cancel { guest } => match self.status_of(guest) {
                None => Err("RegistrationInvalid"),
                Some(over @ ("CANCELLED" | "WORKSHOP_CANCELLED")) => Ok((over, Vec::new())),
                Some("SIGNED_IN") => Err("GuestSignedIn"),
                Some("NO_SHOW") => Err("GuestMarkedNoShow"),
                Some(_) => Ok(("CANCELLED", self.set(guest, "CANCELLED"))),
            },
            Operation::CheckIn { guest } => match self.status_of(guest) {
                Some("SIGNED_IN" | "REGISTERED" | "NO_SHOW") => Ok(("SIGNED_IN", self.set(guest, "SIGNED_IN"))),
                other => Err(cannot_sign_in(other)),
            },
            Operation::UndoCheckIn { guest } => match self.status_of(guest) {
                Some("SIGNED_IN") => {
                    let status = if self.cancelled { "WORKSHOP_CANCELLED" } else { "REGISTERED" };
                    Ok((status, self.set(guest, status)))
                }
                Some("REGISTERED" | "NO_SHOW") => Err("GuestNotSignedIn"),
                other => Err(cannot_sign_in(other)),
            },
            Operation::MarkNoShow { guest } => match self.status_of(guest) {
                Some("NO_SHOW") => Ok(("NO_SHOW", Vec::new())),
                Some("REGISTERED") if self.started() => Ok(("NO_SHOW", self.set(guest, "NO_SHOW"))),
                Some("REGISTERED") => Err("WorkshopNotStarted"),
                Some("SIGNED_IN") => Err("GuestSignedIn"),
                other => Err(cannot_sign_in(other)),
            },
            Operation::Promote { guest } => match self.status_of(guest) {
                None => Err("RegistrationIdInvalid"),
                Some("WAITLISTED") if self.started() => Err("WorkshopStarted"),
                Some("WAITLISTED") if !self.has_room(self.last(guest).track) => Err("CapacityExceeded"),
                Some("WAITLISTED") => {
                    self.last_mut(guest).status = "REGISTERED";
                    Ok(("REGISTERED", vec![guest]))
                }
                Some(_) => Err("GuestNotWaitlisted"),
            },
            Operation::ChangeTrack { guest, track } => self.change_track(guest, track),
        }
    }

    fn started(&self) -> bool {
        self.sessions.iter().flatten().min().is_some_and(|first| *first <= self.hour)
    }

    fn register(&mut self, guest: usize, track: usize, waitlist: bool) -> Outcome {
        if self.tracks[track].is_none() {
            return Err("TrackNotInWorkshop");
        }
        if self.status_of(guest).is_some_and(|status| !["CANCELLED", "WORKSHOP_CANCELLED"].contains(&status)) {
            return Err("AlreadyRegistered");
        }
        let waiting = self.registrations.iter().filter(|each| each.status == "WAITLISTED").count();
        let status = match (waitlist, self.started() || self.closed || self.cancelled) {
            (true, true) => return Err("WaitlistNotOpen"),
            (false, true) => return Err("RegistrationNotOpen"),
            (true, false) if !self.waitlist_enabled || waiting >= self.waitlist_limit => return Err("WaitlistNotOpen"),
            (true, false) => "WAITLISTED",
            (false, false) if !self.has_room(track) => return Err("CapacityExceeded"),
            (false, false) => "REGISTERED",
        };
        self.last_waitlist_number += usize::from(waitlist);
        self.registrations.push(Registration { guest, track, status, waitlist_number: self.last_waitlist_number });
        Ok((status, Vec::new()))
    }

    fn register_together(&mut self, first: usize, track: usize, all: bool) -> Outcome {
        let before = (self.registrations.clone(), self.last_waitlist_number);
        let guests: Vec<_> = (first..first + 3).map(|guest| guest % GUESTS).collect();
        let registered: Vec<_> =
            guests.into_iter().filter(|guest| self.register(*guest, track, false).is_ok()).collect();
        if all && registered.len() < 3 {
            (self.registrations, self.last_waitlist_number) = before;
            return Err("RegistrationsRefused");
        }
        Ok(("TOGETHER", registered))
    }

    fn change_track(&mut self, guest: usize, track: usize) -> Outcome {
        let status = self.status_of(guest).ok_or("RegistrationIdInvalid")?;
        let seats = self.tracks[track].ok_or("TrackNotInWorkshop")?;
        if ["CANCELLED", "WORKSHOP_CANCELLED"].contains(&status) {
            return Err("RegistrationCancelled");
        }
        if self.last(guest).track == track {
            return Ok((status, Vec::new()));
        }
        if status != "WAITLISTED" && seats.is_some_and(|seats| self.seated(Some(track)) >= seats) {
            return Err("CapacityExceeded");
        }
        self.last_mut(guest).track = track;
        // A waitlisted guest who changes to a track with free seats is promoted, too.
        let promoted = self.promote_waiting();
        Ok((self.last(guest).status, promoted))
    }

    /// Promotes waitlisted guests who fit, in the order of their waitlist numbers.
    fn promote_waiting(&mut self) -> Vec<usize> {
        let mut promoted = Vec::new();
        if self.started() || self.cancelled {
            return promoted;
        }
        let mut waiting: Vec<usize> =
            (0..self.registrations.len()).filter(|i| self.registrations[*i].status == "WAITLISTED").collect();
        waiting.sort_by_key(|i| self.registrations[*i].waitlist_number);
        for i in waiting {
            if self.has_room(self.registrations[i].track) {
                self.registrations[i].status = "REGISTERED";
                promoted.push(self.registrations[i].guest);
            }
        }
        promoted
    }

    fn set(&mut self, guest: usize, status: &'static str) -> Vec<usize> {
        self.last_mut(guest).status = status;
        if status == "CANCELLED" { self.promote_waiting() } else { Vec::new() }
    }

    fn has_room(&self, track: usize) -> bool {
        let seats = self.tracks[track].flatten();
        self.seated(None) < self.capacity && seats.is_none_or(|seats| self.seated(Some(track)) < seats)
    }

    fn seated(&self, track: Option<usize>) -> usize {
        let sits = |each: &&Registration| ["REGISTERED", "SIGNED_IN", "NO_SHOW"].contains(&each.status);
        self.registrations.iter().filter(sits).filter(|each| track.is_none_or(|track| track == each.track)).count()
    }

    fn status_of(&self, guest: usize) -> Option<&'static str> {
        self.registrations.iter().rev().find(|each| each.guest == guest).map(|each| each.status)
    }

    fn last(&self, guest: usize) -> &Registration {
        self.registrations.iter().rev().find(|each| each.guest == guest).unwrap()
    }

    fn last_mut(&mut self, guest: usize) -> &mut Registration {
        self.registrations.iter_mut().rev().find(|each| each.guest == guest).unwrap()
    }

    /// The number of registrations in each status.
    pub(super) fn status_counts(&self) -> BTreeMap<&'static str, u64> {
        self.registrations.iter().fold(BTreeMap::new(), |mut counts, each| {
            *counts.entry(each.status).or_default() += 1;
            counts
        })
    }
}

fn cannot_sign_in(status: Option<&'static str>) -> &'static str {
    match status {
        None => "RegistrationIdInvalid",
        Some("WAITLISTED") => "GuestWaitlisted",
        _ => "RegistrationCancelled",
    }
}
