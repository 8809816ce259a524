use std::collections::{BTreeMap, BTreeSet};

use crate::{
    CenterId, ExternalId, FingerprintInputs, FingerprintValue, Seats, SessionId, Stage, Timestamp, TrackId,
    WorkshopAggregate, WorkshopStatus,
    access::Reach,
    problems::{
        CapacityBelowTaken, CapacityScope, CenterInvalid, ExternalIdTaken, PublishingNeed, SessionInvalid,
        SessionTimesInvalid, TooManyCenters, TooManySessions, TooManyTracks, TrackInvalid, WorkshopNotEditable,
        WorkshopNotPublishable,
    },
};

/// The maximum number of tracks of a workshop.
const MAX_TRACKS: usize = 50;
/// The maximum number of sessions of a track, with the cancelled ones.
const MAX_SESSIONS: usize = 500;
/// The maximum number of centers of a workshop.
const MAX_CENTERS: usize = 100;

/// A locked workshop with its texts, tracks and sessions. A rule edits it, and the store writes the differences.
#[derive(Clone, Debug)]
pub struct EditableWorkshop {
    /// The window, the seats, the waitlist, the seats of the tracks, and the centers.
    pub aggregate: WorkshopAggregate,
    /// The title.
    pub title: String,
    /// The description.
    pub description: Option<String>,
    /// The workshop's id in another system.
    pub external_id: Option<ExternalId>,
    /// The number of the last edit; each edit raises it by one.
    pub version: i32,
    /// The names of the tracks.
    pub track_names: BTreeMap<TrackId, String>,
    /// All sessions, with the cancelled ones.
    pub sessions: BTreeMap<SessionId, Session>,
    /// A new track, whose number the database assigns.
    pub new_track: Option<TrackDraft>,
    /// The loaded data beside the workshop.
    pub context: EditContext,
}

/// The data beside the workshop that a rule needs.
#[derive(Clone, Debug, Default)]
pub struct EditContext {
    /// The requested centers that exist and either run the workshop already or are within the caller's reach.
    pub centers: BTreeSet<CenterId>,
    /// The centers at which the caller can act.
    pub reach: Reach,
    /// Whether another workshop has the requested external id.
    pub is_external_id_taken: bool,
    /// The registrations for the requested track, in every status.
    pub registrations: u64,
    /// The live ones among them that the caller sees.
    pub live_registrations: u32,
}

/// A session of a track.
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

/// The data of a new track.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct TrackDraft {
    pub name: String,
    pub capacity: Option<u32>,
    pub sessions: Vec<SessionDraft>,
}

/// The data of a new session. A center that is `None` had a malformed id.
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

    /// Ensures that the session exists and is not cancelled: a cancelled session is not editable.
    pub(crate) fn ensure_session(&self, session: Option<SessionId>) -> Result<SessionId, SessionInvalid> {
        let is_active = |session: &Session| session.cancelled_at.is_none();
        session.filter(|id| self.sessions.get(id).is_some_and(is_active)).ok_or(SessionInvalid)
    }

    /// Ensures that the workshop can have one more track.
    pub(crate) fn ensure_room_for_track(&self) -> Result<(), TooManyTracks> {
        ensure_few_tracks(self.aggregate.tracks.len() + 1)
    }

    /// Ensures that the track can have one more session.
    pub(crate) fn ensure_room_for_session(&self, track: TrackId) -> Result<(), TooManySessions> {
        let sessions = self.sessions.values().filter(|session| session.track == track);
        ensure_few_sessions(sessions.count() + 1)
    }

    pub(crate) fn ensure_external_id_available(&self) -> Result<(), ExternalIdTaken> {
        if self.context.is_external_id_taken { Err(ExternalIdTaken) } else { Ok(()) }
    }

    /// Ensures that guests can register: the workshop has a track and a center.
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

    /// The start and the end of the workshop, or of one track: those of its sessions that are not cancelled.
    pub fn schedule(&self, track: Option<TrackId>) -> (Option<Timestamp>, Option<Timestamp>) {
        let sessions = || {
            let is_included = move |session: &&Session| track.is_none_or(|track| session.track == track);
            self.sessions.values().filter(|session| session.cancelled_at.is_none()).filter(is_included)
        };
        (sessions().map(|session| session.starts_at).min(), sessions().map(|session| session.ends_at).max())
    }

    /// Derives the workshop's start and end from its sessions. If a started workshop now starts later, the seats that were
    /// freed since its start go to the waitlist.
    pub(crate) fn reschedule(&mut self, now: Timestamp) {
        let had_started = self.aggregate.workshop.has_started(now);
        (self.aggregate.workshop.starts_at, self.aggregate.workshop.ends_at) = self.schedule(None);
        if had_started {
            self.aggregate.promote_waiting(now);
        }
    }
}

/// Ensures that the centers exist and returns them without repetitions. A caller who acts at some centers can neither
/// remove the other centers of a workshop nor leave a workshop outside their own reach.
pub(crate) fn ensure_centers(
    centers: &[Option<CenterId>],
    before: &BTreeSet<CenterId>,
    context: &EditContext,
) -> Result<BTreeSet<CenterId>, CenterInvalid> {
    let exists = |center: &CenterId| context.centers.contains(center);
    let after = centers.iter().map(|center| center.filter(exists).ok_or(CenterInvalid));
    let after = after.collect::<Result<BTreeSet<_>, _>>()?;
    let removes_others = before.difference(&after).any(|center| !context.reach.includes(*center));
    if removes_others || !context.reach.includes_any(&after) { Err(CenterInvalid) } else { Ok(after) }
}

pub(crate) fn ensure_few_tracks(tracks: usize) -> Result<(), TooManyTracks> {
    if tracks <= MAX_TRACKS { Ok(()) } else { Err(TooManyTracks { limit: MAX_TRACKS }) }
}

pub(crate) fn ensure_few_sessions(sessions: usize) -> Result<(), TooManySessions> {
    if sessions <= MAX_SESSIONS { Ok(()) } else { Err(TooManySessions { limit: MAX_SESSIONS }) }
}

/// Ensures that a workshop can have these centers. A repeated id counts once.
pub(crate) fn ensure_few_centers(centers: &[Option<CenterId>]) -> Result<(), TooManyCenters> {
    let distinct = centers.iter().collect::<BTreeSet<_>>().len();
    if distinct <= MAX_CENTERS { Ok(()) } else { Err(TooManyCenters { limit: MAX_CENTERS }) }
}

pub(crate) fn ensure_times(starts_at: Timestamp, ends_at: Timestamp) -> Result<(), SessionTimesInvalid> {
    if starts_at < ends_at { Ok(()) } else { Err(SessionTimesInvalid) }
}

/// Sets the capacity, which is at least the number of taken seats.
pub(crate) fn resize(seats: &mut Seats, capacity: Option<u32>, scope: CapacityScope) -> Result<(), CapacityBelowTaken> {
    if capacity.is_some_and(|capacity| capacity < seats.taken) {
        return Err(CapacityBelowTaken { scope, seats_taken: seats.taken });
    }
    seats.capacity = capacity;
    Ok(())
}

#[cfg(test)]
mod tests;
