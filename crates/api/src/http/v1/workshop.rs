//! A workshop in responses, with its tracks, centers and sessions.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{CenterId, SessionId, Timestamp, WorkshopId};
use persistence::{CenterRow, SessionRow, TrackRow, View, WorkshopRow};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, schema::Type},
};

use crate::graphql::{
    CENTERS, Failure, RegistrationState, ResponseMeter, ResponseRejected, SESSIONS_OF_WORKSHOP, SessionStatus, TRACKS,
    WorkshopStatus, list_cost, lookup_cost, word, words,
};

/// A workshop.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Workshop {
    /// The id, `wks_…`.
    #[schema(example = "wks_01kdvdna00e00800000c000000")]
    id: String,
    /// The title.
    #[schema(example = "Throwing on the wheel")]
    title: String,
    /// The description.
    #[schema(required = true, example = "Three knots, many patterns.")]
    description: Option<String>,
    #[schema(schema_with = statuses)]
    status: &'static str,
    #[schema(schema_with = registration_states)]
    registration_state: &'static str,
    /// When registration opens; null: at publication.
    #[schema(required = true)]
    registration_opens_at: Option<DateTime<Utc>>,
    /// When registration closes; null: when the first session starts.
    #[schema(required = true)]
    registration_closes_at: Option<DateTime<Utc>>,
    /// The number of seats; null: unlimited, in which case the waitlist is not used.
    #[schema(required = true, example = 12)]
    capacity: Option<i32>,
    /// The number of guests with a seat.
    #[schema(example = 9)]
    seats_taken: i32,
    /// The number of free seats; null: unlimited.
    #[schema(required = true, example = 3)]
    seats_available: Option<u32>,
    /// Whether the workshop has a waitlist.
    waitlist_enabled: bool,
    /// The number of guests on the waitlist.
    #[schema(example = 0)]
    waitlist_length: i32,
    /// The start of the first session; null: no session is planned.
    #[schema(required = true)]
    starts_at: Option<DateTime<Utc>>,
    /// The end of the last session; null: no session is planned.
    #[schema(required = true)]
    ends_at: Option<DateTime<Utc>>,
    /// The centers that run the workshop, ordered by name.
    centers: Vec<Center>,
    /// The tracks, ordered by number.
    tracks: Vec<Track>,
    /// The sessions of all tracks, ordered by start.
    sessions: Vec<Session>,
}

/// A center that runs a workshop.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Center {
    /// The id, `ctr_…`.
    #[schema(example = "ctr_01kdvdna00e008000004000000")]
    id: String,
    /// The name.
    #[schema(example = "Hudson Yard Rooms")]
    name: String,
}

/// A track of a workshop. Guests register for one track.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Track {
    /// The number of the track, for registrations.
    #[schema(example = 1)]
    track_id: i32,
    /// The name.
    #[schema(example = "Morning bench")]
    name: String,
    /// The number of seats of the track; null: limited only by the workshop.
    #[schema(required = true)]
    capacity: Option<i32>,
    /// The number of guests with a seat in the track.
    seats_taken: i32,
}

/// A session of a track.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Session {
    /// The id, `ses_…`.
    #[schema(example = "ses_01kdvdna00e00800000g0001fe")]
    id: String,
    /// The number of the track.
    #[schema(example = 1)]
    track_id: i32,
    /// The id of the center where the session takes place, `ctr_…`.
    #[schema(example = "ctr_01kdvdna00e008000004000000")]
    center_id: String,
    /// The title.
    #[schema(example = "First steps")]
    title: String,
    /// The start.
    starts_at: DateTime<Utc>,
    /// The end.
    ends_at: DateTime<Utc>,
    #[schema(schema_with = session_statuses)]
    status: &'static str,
}

/// The bytes of an object in a response, without its texts.
const WORKSHOP_BYTES: usize = 500;
const CENTER_BYTES: usize = 60;
const TRACK_BYTES: usize = 70;
const SESSION_BYTES: usize = 230;

/// The cost of the fields of a workshop. One statement loads the centers, tracks or sessions of a whole page.
pub(super) fn selection_cost() -> usize {
    let columns = 14;
    let centers = list_cost(CENTERS, 2);
    let tracks = list_cost(TRACKS, 4);
    let sessions = list_cost(SESSIONS_OF_WORKSHOP, 5 + 2 * lookup_cost(1));
    columns + centers + tracks + sessions
}

/// Loads the centers, tracks and sessions of workshops, with one statement each.
pub(super) async fn load(view: &View, rows: Vec<WorkshopRow>, meter: &ResponseMeter) -> Result<Vec<Workshop>, Failure> {
    let ids: Vec<_> = rows.iter().map(|row| WorkshopId::from_uuid(row.id)).collect();
    // One more than a response can have, so that the rows of a response that is too large are not all loaded.
    let at_most = meter.limits().objects.saturating_add(1);
    let centers = view.centers_of_workshops(&ids, at_most).await?;
    meter.ensure_room(centers.len())?;
    let tracks = view.tracks_of_workshops(&ids, at_most).await?;
    meter.ensure_room(centers.len() + tracks.len())?;
    let sessions = view.sessions_of_workshops(&ids, at_most).await?;
    meter.ensure_room(centers.len() + tracks.len() + sessions.len())?;
    let mut centers = by_workshop(centers.into_iter());
    let mut tracks = by_workshop(tracks.into_iter().map(|row| (WorkshopId::from_uuid(row.workshop_id), row)));
    let mut sessions = by_workshop(sessions.into_iter().map(|row| (WorkshopId::from_uuid(row.workshop_id), row)));
    let now = view.clock().now();
    let workshops = rows.into_iter().map(|row| {
        let id = WorkshopId::from_uuid(row.id);
        let parts = Parts {
            centers: centers.remove(&id).unwrap_or_default(),
            tracks: tracks.remove(&id).unwrap_or_default(),
            sessions: sessions.remove(&id).unwrap_or_default(),
        };
        parts.count(&row, meter)?;
        Workshop::new(row, parts, now)
    });
    workshops.collect()
}

fn by_workshop<R>(rows: impl Iterator<Item = (WorkshopId, R)>) -> HashMap<WorkshopId, Vec<R>> {
    let mut groups: HashMap<_, Vec<R>> = HashMap::new();
    for (workshop, row) in rows {
        groups.entry(workshop).or_default().push(row);
    }
    groups
}

/// The lists of a workshop.
struct Parts {
    centers: Vec<CenterRow>,
    tracks: Vec<TrackRow>,
    sessions: Vec<SessionRow>,
}

impl Parts {
    /// Counts a workshop with its lists in the size of the response.
    fn count(&self, row: &WorkshopRow, meter: &ResponseMeter) -> Result<(), ResponseRejected> {
        let texts = [row.title.len(), row.description.as_ref().map_or(0, String::len)];
        meter.add(1, WORKSHOP_BYTES + texts.iter().sum::<usize>())?;
        let bytes = self.centers.iter().map(|center| CENTER_BYTES + center.name.len()).sum();
        meter.add(self.centers.len(), bytes)?;
        let bytes = self.tracks.iter().map(|track| TRACK_BYTES + track.name.len()).sum();
        meter.add(self.tracks.len(), bytes)?;
        let bytes = self.sessions.iter().map(|session| SESSION_BYTES + session.title.len()).sum();
        meter.add(self.sessions.len(), bytes)
    }
}

impl Workshop {
    fn new(row: WorkshopRow, Parts { centers, tracks, sessions }: Parts, now: Timestamp) -> Result<Self, Failure> {
        let snapshot = row.snapshot()?;
        Ok(Self {
            id: snapshot.id.to_string(),
            title: row.title,
            description: row.description,
            status: word::<WorkshopStatus>(snapshot.status(now)),
            registration_state: word::<RegistrationState>(snapshot.registration_state(now)),
            registration_opens_at: row.registration_opens_at,
            registration_closes_at: row.registration_closes_at,
            capacity: row.capacity,
            seats_taken: row.seats_taken,
            seats_available: snapshot.seats.available(),
            waitlist_enabled: row.waitlist_enabled,
            waitlist_length: row.waitlist_length,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            centers: centers.into_iter().map(Center::from).collect(),
            tracks: tracks.into_iter().map(Track::from).collect(),
            sessions: sessions.into_iter().map(|row| Session::new(row, now)).collect(),
        })
    }
}

impl From<CenterRow> for Center {
    fn from(row: CenterRow) -> Self {
        Self { id: CenterId::from_uuid(row.id).to_string(), name: row.name }
    }
}

impl From<TrackRow> for Track {
    fn from(row: TrackRow) -> Self {
        Self { track_id: row.id, name: row.name, capacity: row.capacity, seats_taken: row.seats_taken }
    }
}

impl Session {
    fn new(row: SessionRow, now: Timestamp) -> Self {
        Self {
            status: word::<SessionStatus>(SessionStatus::of(&row, now)),
            id: SessionId::from_uuid(row.id).to_string(),
            track_id: row.track_id,
            center_id: CenterId::from_uuid(row.center_id).to_string(),
            title: row.title,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
        }
    }
}

/// The schema of an enum.
fn enum_schema(values: impl Iterator<Item = &'static str>, description: &str) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(values)).description(Some(description)).build()
}

fn statuses() -> Object {
    enum_schema(words::<WorkshopStatus>(), "The current status of the workshop.")
}

fn session_statuses() -> Object {
    enum_schema(words::<SessionStatus>(), "The current status of the session.")
}

fn registration_states() -> Object {
    let description = "Whether guests can register now. A full track can still reject a registration.";
    enum_schema(words::<RegistrationState>(), description)
}
