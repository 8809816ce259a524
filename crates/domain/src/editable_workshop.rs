use std::collections::{BTreeMap, BTreeSet};

use crate::{
    CenterId, ExternalId, FingerprintInputs, FingerprintValue, Seats, SessionId, Stage, Timestamp, TrackId, Transition,
    WorkshopAggregate, WorkshopStatus,
    access::Reach,
    problems::{
        CapacityBelowTaken, CapacityScope, CenterInvalid, ExternalIdTaken, PublishingNeed, SessionInvalid,
        SessionTimesInvalid, TrackInvalid, WorkshopNotEditable, WorkshopNotPublishable,
    },
};

/// A workshop in the hands of its authors, while nobody else can change it: its aggregate, and what is written of it.
/// A rule edits it; what differs afterwards is what is written down.
#[derive(Clone, Debug)]
pub struct EditableWorkshop {
    /// The window, the seats, the line, the tracks' seats and the centers.
    pub aggregate: WorkshopAggregate,
    /// The title.
    pub title: String,
    /// The description.
    pub description: Option<String>,
    /// What another system calls it.
    pub external_id: Option<ExternalId>,
    /// Raised by one at each edit.
    pub version: i32,
    /// What the tracks are called.
    pub track_names: BTreeMap<TrackId, String>,
    /// All sessions, those that were called off too.
    pub sessions: BTreeMap<SessionId, Session>,
    /// A track that is to get a number.
    pub new_track: Option<TrackDraft>,
    /// What was asked for beside the workshop.
    pub context: EditContext,
}

/// What a rule has to know beside the workshop.
#[derive(Clone, Debug, Default)]
pub struct EditContext {
    /// Of the centers asked for: those that exist and run the workshop already, or are within the author's reach.
    pub centers: BTreeSet<CenterId>,
    /// Where the author may act.
    pub reach: Reach,
    /// Whether another workshop has the external id asked for.
    pub is_external_id_taken: bool,
    /// Registrations on the track asked for, whatever became of them.
    pub registrations: u64,
    /// Those among them that are live.
    pub live_registrations: u32,
}

/// A session as the rules see it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct Session {
    pub track: TrackId,
    pub center: CenterId,
    pub title: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub room: Option<String>,
    pub instructor: Option<String>,
    pub cancelled_at: Option<Timestamp>,
}

/// A track to be.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct TrackDraft {
    pub name: String,
    pub capacity: Option<u32>,
    pub sessions: Vec<SessionDraft>,
}

/// A session to be. A center that is `None` was malformed and names nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct SessionDraft {
    pub title: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub center: Option<CenterId>,
    pub room: Option<String>,
    pub instructor: Option<String>,
}

impl FingerprintValue for TrackDraft {
    fn encode(&self) -> Option<Vec<u8>> {
        let Self { name, capacity, sessions } = self;
        FingerprintInputs::default()
            .field("name", name)
            .field("capacity", capacity)
            .field("sessions", sessions)
            .encode()
    }
}

impl FingerprintValue for SessionDraft {
    fn encode(&self) -> Option<Vec<u8>> {
        let Self { title, starts_at, ends_at, center, room, instructor } = self;
        FingerprintInputs::default()
            .field("title", title)
            .field("startsAt", starts_at)
            .field("endsAt", ends_at)
            .field("centerId", center)
            .field("room", room)
            .field("instructor", instructor)
            .encode()
    }
}

impl EditableWorkshop {
    pub(crate) fn ensure_editable(&self, now: Timestamp) -> Result<(), WorkshopNotEditable> {
        match self.aggregate.workshop.status(now) {
            WorkshopStatus::Draft | WorkshopStatus::Published => Ok(()),
            WorkshopStatus::Cancelled | WorkshopStatus::Completed => Err(WorkshopNotEditable),
        }
    }

    pub(crate) fn ensure_not_cancelled(&self) -> Result<(), WorkshopNotEditable> {
        if self.aggregate.workshop.stage == Stage::Cancelled { Err(WorkshopNotEditable) } else { Ok(()) }
    }

    pub(crate) fn ensure_track(&self, track: Option<TrackId>) -> Result<TrackId, TrackInvalid> {
        track.filter(|track| self.aggregate.tracks.contains_key(track)).ok_or(TrackInvalid)
    }

    /// One that takes place: what was called off is no longer edited.
    pub(crate) fn ensure_session(&self, session: Option<SessionId>) -> Result<SessionId, SessionInvalid> {
        let takes_place = |session: &Session| session.cancelled_at.is_none();
        session.filter(|id| self.sessions.get(id).is_some_and(takes_place)).ok_or(SessionInvalid)
    }

    pub(crate) fn ensure_external_id_available(&self) -> Result<(), ExternalIdTaken> {
        if self.context.is_external_id_taken { Err(ExternalIdTaken) } else { Ok(()) }
    }

    /// What is published stays fit for guests.
    pub(crate) fn ensure_publishable(&self) -> Result<(), WorkshopNotPublishable> {
        let missing: Vec<_> = [
            (PublishingNeed::Track, self.aggregate.tracks.is_empty()),
            (PublishingNeed::Center, self.aggregate.centers.is_empty()),
        ]
        .into_iter()
        .filter_map(|(need, is_missing)| is_missing.then_some(need))
        .collect();
        if missing.is_empty() { Ok(()) } else { Err(WorkshopNotPublishable { missing }) }
    }

    pub(crate) fn ensure_still_publishable(&self) -> Result<(), WorkshopNotPublishable> {
        if self.aggregate.workshop.stage == Stage::Published { self.ensure_publishable() } else { Ok(()) }
    }

    /// When the workshop, or one track of it, starts and ends: as its sessions say that take place.
    pub fn schedule(&self, of: Option<TrackId>) -> (Option<Timestamp>, Option<Timestamp>) {
        let sessions = || {
            let theirs = move |session: &&Session| of.is_none_or(|track| session.track == track);
            self.sessions.values().filter(|session| session.cancelled_at.is_none()).filter(theirs)
        };
        (sessions().map(|session| session.starts_at).min(), sessions().map(|session| session.ends_at).max())
    }

    /// Keeps the workshop's start and end in step with its sessions. If it has not started any more, the seats that were
    /// freed meanwhile go to those who wait.
    pub(crate) fn reschedule(&mut self, now: Timestamp) -> Vec<Transition> {
        let had_started = self.aggregate.workshop.has_started(now);
        (self.aggregate.workshop.starts_at, self.aggregate.workshop.ends_at) = self.schedule(None);
        if had_started { self.aggregate.promote_waiting(now) } else { Vec::new() }
    }
}

/// Centers that are known, each once. An author who acts at some centers neither takes a workshop away from others, nor
/// gives it away altogether.
pub(crate) fn ensure_centers(
    centers: &[Option<CenterId>],
    before: &BTreeSet<CenterId>,
    known: &EditContext,
) -> Result<BTreeSet<CenterId>, CenterInvalid> {
    let is_known = |center: &CenterId| known.centers.contains(center);
    let after = centers.iter().map(|center| center.filter(is_known).ok_or(CenterInvalid));
    let after = after.collect::<Result<BTreeSet<_>, _>>()?;
    let takes_away = before.difference(&after).any(|center| !known.reach.includes(*center));
    if takes_away || !known.reach.includes_any(&after) { Err(CenterInvalid) } else { Ok(after) }
}

pub(crate) fn ensure_times(starts_at: Timestamp, ends_at: Timestamp) -> Result<(), SessionTimesInvalid> {
    if starts_at < ends_at { Ok(()) } else { Err(SessionTimesInvalid) }
}

/// Another number of seats, which holds all who sit on one.
pub(crate) fn resize(seats: &mut Seats, capacity: Option<u32>, scope: CapacityScope) -> Result<(), CapacityBelowTaken> {
    if capacity.is_some_and(|capacity| capacity < seats.taken) {
        return Err(CapacityBelowTaken { scope, seats_taken: seats.taken });
    }
    seats.capacity = capacity;
    Ok(())
}

#[cfg(test)]
mod tests;
