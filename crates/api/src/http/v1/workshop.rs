//! A workshop with all that it takes to register: tracks, centers, sessions.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{CenterId, SessionId, Timestamp, WorkshopId};
use persistence::{CenterRow, SessionRow, TrackRow, View, WorkshopRow};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, schema::Type},
};

use crate::graphql::{Failure, RegistrationState, SessionStatus, WorkshopStatus, lookup_cost, word, words};

/// Something to register to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Workshop {
    /// `wks_…`
    #[schema(example = "wks_01kdvdna00e00800000c000000")]
    id: String,
    /// What it is called.
    #[schema(example = "Throwing on the wheel")]
    title: String,
    /// What it is about.
    #[schema(required = true, example = "Three knots, many patterns.")]
    description: Option<String>,
    #[schema(schema_with = statuses)]
    status: &'static str,
    #[schema(schema_with = registration_states)]
    registration_state: &'static str,
    /// The first instant at which registrations are taken; null: from the beginning.
    #[schema(required = true)]
    registration_opens_at: Option<DateTime<Utc>>,
    /// The first instant at which registrations are no longer taken; null: when the first session starts.
    #[schema(required = true)]
    registration_closes_at: Option<DateTime<Utc>>,
    /// Seats in all; null: unlimited, and then no waitlist applies.
    #[schema(required = true, example = 12)]
    capacity: Option<i32>,
    /// Guests who hold a seat.
    #[schema(example = 9)]
    seats_taken: i32,
    /// Seats that nobody holds; null: unlimited.
    #[schema(required = true, example = 3)]
    seats_available: Option<u32>,
    /// Whether it keeps a waitlist.
    waitlist_enabled: bool,
    /// Guests in line.
    #[schema(example = 0)]
    waitlist_length: i32,
    /// The start of the first session; null while there is none.
    #[schema(required = true)]
    starts_at: Option<DateTime<Utc>>,
    /// The end of the last session; null while there is none.
    #[schema(required = true)]
    ends_at: Option<DateTime<Utc>>,
    /// The centers that run it, by name.
    centers: Vec<Center>,
    /// Its tracks, by number.
    tracks: Vec<Track>,
    /// The sessions of all its tracks, in the order in which they start.
    sessions: Vec<Session>,
}

/// A center that runs a workshop.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Center {
    /// `ctr_…`
    #[schema(example = "ctr_01kdvdna00e008000004000000")]
    id: String,
    /// What it is called.
    #[schema(example = "Hudson Yard Rooms")]
    name: String,
}

/// A part of a workshop to which guests register.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Track {
    /// The number by which it is registered to.
    #[schema(example = 1)]
    track_id: i32,
    /// What it is called.
    #[schema(example = "Morning bench")]
    name: String,
    /// Seats of its own; null: as many as the workshop has.
    #[schema(required = true)]
    capacity: Option<i32>,
    /// Guests who hold one of them.
    seats_taken: i32,
}

/// A time at which a track meets.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Session {
    /// `ses_…`
    #[schema(example = "ses_01kdvdna00e00800000g0001fe")]
    id: String,
    /// Its track.
    #[schema(example = 1)]
    track_id: i32,
    /// Where it takes place, `ctr_…`.
    #[schema(example = "ctr_01kdvdna00e008000004000000")]
    center_id: String,
    /// What it is called.
    #[schema(example = "First steps")]
    title: String,
    /// When it starts.
    starts_at: DateTime<Utc>,
    /// When it ends.
    ends_at: DateTime<Utc>,
    #[schema(schema_with = session_statuses)]
    status: &'static str,
}

/// What is told of a workshop costs, where a list of parts is one statement for a whole page.
pub(super) fn selected() -> usize {
    let (columns, centers, tracks, sessions) = (14, 2, 4, 5 + 2 * lookup_cost(1));
    columns + [centers, tracks, sessions].map(lookup_cost).iter().sum::<usize>()
}

/// Workshops with their parts: a statement for each kind of part, however many there are.
pub(super) async fn described(view: &View, rows: Vec<WorkshopRow>) -> Result<Vec<Workshop>, Failure> {
    let ids: Vec<_> = rows.iter().map(|row| WorkshopId::from_uuid(row.id)).collect();
    let mut centers = view.centers_of_workshops(&ids).await?;
    let mut tracks = by_workshop(view.tracks_of_workshops(&ids).await?, |row: &TrackRow| row.workshop_id);
    let mut sessions = by_workshop(view.sessions_of_workshops(&ids).await?, |row: &SessionRow| row.workshop_id);
    let now = view.clock().now();
    let described = rows.into_iter().map(|row| {
        let id = WorkshopId::from_uuid(row.id);
        let parts = (centers.remove(&id), tracks.remove(&id), sessions.remove(&id));
        Workshop::of(row, parts, now)
    });
    described.collect()
}

fn by_workshop<R>(rows: Vec<R>, workshop: impl Fn(&R) -> uuid::Uuid) -> HashMap<WorkshopId, Vec<R>> {
    let mut groups: HashMap<_, Vec<R>> = HashMap::new();
    for row in rows {
        groups.entry(WorkshopId::from_uuid(workshop(&row))).or_default().push(row);
    }
    groups
}

type Parts = (Option<Vec<CenterRow>>, Option<Vec<TrackRow>>, Option<Vec<SessionRow>>);

impl Workshop {
    fn of(row: WorkshopRow, (centers, tracks, sessions): Parts, now: Timestamp) -> Result<Self, Failure> {
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
            centers: centers.unwrap_or_default().into_iter().map(Center::from).collect(),
            tracks: tracks.unwrap_or_default().into_iter().map(Track::from).collect(),
            sessions: sessions.unwrap_or_default().into_iter().map(|row| Session::of(row, now)).collect(),
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
    fn of(row: SessionRow, now: Timestamp) -> Self {
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

/// A text that is one of these words.
fn one_of(words: impl Iterator<Item = &'static str>, about: &str) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).description(Some(about)).build()
}

fn statuses() -> Object {
    one_of(words::<WorkshopStatus>(), "What it is now.")
}

fn session_statuses() -> Object {
    one_of(words::<SessionStatus>(), "What it is now.")
}

fn registration_states() -> Object {
    let about = "What a guest can do now. A track that is full on its own may still refuse.";
    one_of(words::<RegistrationState>(), about)
}
