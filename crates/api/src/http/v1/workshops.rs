//! What there is to register to, with all that the call takes: tracks, centers, sessions.

use std::collections::HashMap;

use axum::response::Response;
use chrono::{DateTime, Utc};
use domain::{CenterId, SessionId, Timestamp, WorkshopId};
use persistence::{
    CenterRow, Direction, Ordering, SessionRow, TrackRow, View, WorkshopFilter, WorkshopOrder, WorkshopRow,
};
use serde::Serialize;
use utoipa::{
    IntoParams, ToSchema,
    openapi::{Object, ObjectBuilder, schema::Type},
};

use super::{
    asked::{Asked, Operation, Question, Unanswered},
    envelope::{Member, Nothing, WorkshopsRefused},
    parameters::{FindsNothing, PageInfo, Window, narrowed},
    registrations,
};
use crate::graphql::{
    Failure, RegistrationState, SessionStatus, Topic, WorkshopStatus, added_up, each, looked_up, word, words,
};

const fn operation(field: &'static str) -> Operation {
    Operation { topic: Topic { kind: "query", field }, member: Member::Workshops }
}

const BY_START: Ordering<WorkshopOrder> = Ordering { by: WorkshopOrder::StartsAt, direction: Direction::Ascending };

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

/// A workshop.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WorkshopAnswer {
    workshops: Workshop,
    error: Nothing,
}

/// A page of workshops.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WorkshopsAnswer {
    workshops: Vec<Workshop>,
    page_info: PageInfo,
    error: Nothing,
}

/// What a list of workshops can be narrowed to.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what is read where it is used")]
pub(super) struct Narrowing {
    /// Only those that this center runs, alone or with others, `ctr_…`. An id that names nothing finds nothing.
    #[param(value_type = String, required = false)]
    center_id: Option<String>,
}

/// Tells the workshops
///
/// Those that are published, and the drafts that the caller sees, past ones too, by the start of the first session.
///
/// For everybody; where the operator lets no strangers in, for everybody who says who they are.
#[utoipa::path(
    get,
    path = "/v1/workshops",
    operation_id = "listWorkshops",
    tag = "workshops",
    params(
        Narrowing,
        Window,
    ),
    responses((status = 200, description = "A page of them.", body = WorkshopsAnswer)),
)]
pub(super) async fn list(asked: Asked) -> Response {
    let window = Window::read(&asked.question.parameters);
    // `workshops(first: …) { nodes { … } totalCount }`
    let cost = each(Window::size_of(&window), 1 + selected() + added_up(1));
    asked.answer(operation("workshops"), cost, |question| find(question, window)).await
}

async fn find(question: Question, window: Result<Window, Failure>) -> Result<WorkshopsAnswer, Unanswered> {
    let window = window?;
    let view = question.view();
    let (rows, total) = match narrowed::<CenterId>(&question.parameters, "center_id")? {
        Ok(center) => {
            let filter = WorkshopFilter { center, ..WorkshopFilter::default() };
            let rows = view.list_stretch(&filter, BY_START, window.stretch()).await.map_err(Failure::from)?;
            (rows, view.count(&filter).await.map_err(Failure::from)?)
        }
        Err(FindsNothing) => (Vec::new(), 0),
    };
    Ok(WorkshopsAnswer { workshops: described(&view, rows).await?, page_info: window.info(total), error: Nothing })
}

/// Tells a workshop
///
/// For everybody; where the operator lets no strangers in, for everybody who says who they are. Problem: 1001 "Workshop is
/// invalid", also for a draft that the caller does not see.
#[utoipa::path(
    get,
    path = "/v1/workshops/{workshop_id}",
    operation_id = "getWorkshop",
    tag = "workshops",
    params(
        ("workshop_id" = String, Path, description = "The workshop, `wks_…`.",
            example = json!("wks_01kdvdna00e00800000c000000")),
    ),
    responses(
        (status = 200, description = "The workshop.", body = WorkshopAnswer),
        (status = 400, description = "A problem stands in the way.", body = WorkshopsRefused),
    ),
)]
pub(super) async fn one(asked: Asked) -> Response {
    asked.answer(operation("workshop"), looked_up(selected()), look_up).await
}

async fn look_up(question: Question) -> Result<WorkshopAnswer, Unanswered> {
    let view = question.view();
    let row = registrations::workshop(&view, question.id("workshop_id")).await?;
    let workshops = described(&view, vec![row]).await?.into_iter().next();
    let workshops = workshops.ok_or_else(|| crate::graphql::missing("workshop"))?;
    Ok(WorkshopAnswer { workshops, error: Nothing })
}

/// What is told of a workshop costs, where a list of parts is one statement for a whole page.
fn selected() -> usize {
    let (columns, centers, tracks, sessions) = (14, 2, 4, 5 + 2 * looked_up(1));
    columns + [centers, tracks, sessions].map(looked_up).iter().sum::<usize>()
}

/// Workshops with their parts: a statement for each kind of part, however many there are.
async fn described(view: &View, rows: Vec<WorkshopRow>) -> Result<Vec<Workshop>, Failure> {
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
