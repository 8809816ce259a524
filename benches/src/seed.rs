//! The data of a benchmark. The same size gives the same data, relative to the day of the run.

use std::sync::OnceLock;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use clap::Args;
use domain::{
    Actor, CenterId, ExternalId, GuestId, RegistrationId, SessionId, Stage, TrackId, Window, WorkshopId,
    commands::{
        register_guest::{RegisterGuest, RegistrationForm},
        register_guests::{Mode, RegisterGuests},
    },
};
use futures_util::{StreamExt, stream};
use persistence::{Clock, CommandContext, NewCenter, NewGuest, NewSession, NewTrack, NewWorkshop, Store};
use uuid::Uuid;

/// The size of the database.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Workshops, each with 2 tracks and 4 sessions.
    #[arg(long, default_value_t = 10_000)]
    pub(crate) workshops: u32,
    /// Guests of all workshops.
    #[arg(long, default_value_t = 200_000)]
    pub(crate) guests: u32,
    /// Registrations, the same number for each workshop.
    #[arg(long, default_value_t = 500_000)]
    pub(crate) registrations: u32,
}

/// From this number of workshops on, a sequential scan is the worse query plan.
pub(crate) const LARGE: u32 = 10_000;

const WORKSHOPS_PER_CENTER: u32 = 200;
/// The age of all registrations in days. No workshop had started at that time.
const REGISTERED_DAYS_AGO: i64 = 60;
/// Every fourth workshop is over. The others are open.
const PAST_EVERY: u32 = 4;
/// Workshops that are written concurrently.
const CONCURRENCY: usize = 32;

const WORDS: [&str; 12] = [
    "Pottery",
    "Weaving",
    "Printing",
    "Bookbinding",
    "Joinery",
    "Glass",
    "Enamel",
    "Calligraphy",
    "Dyeing",
    "Basketry",
    "Letterpress",
    "Silver",
];
const GIVEN: [&str; 10] = ["Ann", "Ben", "Cem", "Dora", "Eva", "Finn", "Gül", "Hans", "Ida", "Jun"];
const FAMILY: [&str; 10] = ["Abel", "Bauer", "Cruz", "Demir", "Eder", "Fuchs", "Gomez", "Huber", "Ito", "Jansen"];

/// The id of a kind and a number; it is the same in every run.
fn id(kind: u64, number: u32) -> Uuid {
    const NEW_YEAR_2026_MS: u128 = 1_767_225_600_000;
    let body = u128::from(kind << 40) + u128::from(number);
    Uuid::from_u128((NEW_YEAR_2026_MS << 80) | (7 << 76) | (0b10 << 62) | body)
}

pub(crate) fn center(number: u32) -> CenterId {
    CenterId::from_uuid(id(1, number))
}

pub(crate) fn workshop(number: u32) -> WorkshopId {
    WorkshopId::from_uuid(id(2, number))
}

pub(crate) fn guest(number: u32) -> GuestId {
    GuestId::from_uuid(id(3, number))
}

impl Size {
    /// The number of centers with workshops. One more center has the workshops that M1, M2 and M2w add.
    pub(crate) fn centers(self) -> u32 {
        self.workshops.div_ceil(WORKSHOPS_PER_CENTER)
    }
}

/// The number of different pages to request out of `count`, and the step between their numbers.
pub(crate) fn sample(count: u32) -> (u32, u32) {
    const PAGES: u32 = 200;
    (PAGES.min(count), count.div_ceil(PAGES))
}

/// The current time of this machine.
#[expect(clippy::disallowed_methods, reason = "the data is relative to the current day")]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

/// The start of the current day; all dates are relative to it.
fn today() -> DateTime<Utc> {
    static TODAY: OnceLock<DateTime<Utc>> = OnceLock::new();
    *TODAY.get_or_init(|| now().with_hour(0).and_then(|day| day.with_minute(0)).unwrap_or_else(now))
}

/// A clock that shows the day of all registrations.
pub(crate) fn clock() -> Clock {
    Clock::from_fn(|| today() - TimeDelta::days(REGISTERED_DAYS_AGO))
}

/// Fills an empty database. The store must use [`clock`].
pub(crate) async fn fill(store: &Store, size: Size) {
    store.migrate_up().await.expect("the migrations run");
    let centers = (0..=size.centers()).map(|number| NewCenter {
        id: center(number),
        name: format!("Center {number:03}"),
        time_zone: "Europe/Berlin".to_owned(),
    });
    store.add_centers(centers.collect()).await.expect("new centers");
    let numbers: Vec<_> = (0..size.guests).collect();
    for chunk in numbers.chunks(5_000) {
        store.add_guests(chunk.iter().map(|number| new_guest(*number, size)).collect()).await.expect("new guests");
    }
    let workshops = (0..size.workshops).map(async |number| {
        let tracks = store.add_workshop(new_workshop(number)).await.expect("a new workshop");
        register(store, size, number, &tracks).await;
    });
    stream::iter(workshops).buffer_unordered(CONCURRENCY).collect::<()>().await;
}

fn new_guest(number: u32, size: Size) -> NewGuest {
    let (given, family) = (GIVEN[number as usize % 10], FAMILY[number as usize / 10 % 10]);
    NewGuest {
        id: guest(number),
        external_id: ExternalId::parse(&format!("crm-{number}")).ok(),
        given_name: format!("{given}-{}", number / 100),
        family_name: family.to_owned(),
        email: Some(format!("guest{number}@example.com")),
        phone: Some(format!("+49 30 {number:07}")),
        home_center: Some(center(number % size.centers())),
    }
}

/// A workshop for M1, M2 and M2w: it gets no registrations here.
pub(crate) fn empty_workshop(number: u32, size: Size, seats: Option<u32>) -> NewWorkshop {
    NewWorkshop { capacity: seats, waitlist_limit: None, ..planned(number, center(size.centers()), 200) }
}

fn new_workshop(number: u32) -> NewWorkshop {
    // Within the 41 days before today, or within the year after it.
    let days =
        if number.is_multiple_of(PAST_EVERY) { -i64::from(number % 40) - 2 } else { i64::from(number % 365) + 1 };
    planned(number, center(number / WORKSHOPS_PER_CENTER), days)
}

/// A workshop that starts a number of days after today.
fn planned(number: u32, center: CenterId, days: i64) -> NewWorkshop {
    let starts_at = today() + TimeDelta::days(days) + TimeDelta::hours(9);
    let session = |track: u32, day: u32| NewSession {
        id: SessionId::from_uuid(id(4, number * 10 + track * 2 + day)),
        title: format!("Day {}", day + 1),
        starts_at: starts_at + TimeDelta::days(day.into()),
        ends_at: starts_at + TimeDelta::days(day.into()) + TimeDelta::hours(3),
        center,
        room: Some(format!("Room {}", track + 1)),
        instructor: Some(GIVEN[number as usize % 10].to_owned()),
    };
    let track = |track: u32| NewTrack {
        name: format!("Track {}", track + 1),
        capacity: None,
        sessions: vec![session(track, 0), session(track, 1)],
    };
    NewWorkshop {
        id: workshop(number),
        external_id: ExternalId::parse(&format!("lms-{number}")).ok(),
        title: format!("{} for {}", WORDS[number as usize % 12], WORDS[number as usize / 12 % 12]),
        description: Some("Two days at the bench, with everything that is needed.".to_owned()),
        stage: Stage::Published,
        window: Window { opens_at: None, closes_at: None },
        // With 50 registrations each, every fifth workshop is full.
        capacity: Some(if number.is_multiple_of(5) { 40 } else { 80 }),
        waitlist_enabled: true,
        waitlist_limit: Some(20),
        centers: vec![center],
        tracks: vec![track(0), track(1)],
    }
}

/// Adds the registrations of a workshop. Guests without a seat join the waitlist.
async fn register(store: &Store, size: Size, number: u32, tracks: &[TrackId]) {
    let each = size.registrations / size.workshops.max(1);
    let (workshop, center) = (workshop(number).to_string(), center(number / WORKSHOPS_PER_CENTER).to_string());
    let request = |index: u32| {
        let guest = guest((number * each + index) % size.guests).to_string();
        let form = RegistrationForm {
            workshop: &workshop,
            track: tracks.get(index as usize % 2).map(|track| track.number()),
            guest: Some(&guest),
            center: Some(&center),
            waitlist: number.is_multiple_of(5) && index >= 40,
        };
        RegisterGuest::parse(form, RegistrationId::from_uuid(Uuid::now_v7()))
    };
    let indexes: Vec<_> = (0..each).collect();
    for chunk in indexes.chunks(RegisterGuests::MAX_GUESTS) {
        let requests = chunk.iter().map(|index| request(*index)).collect();
        let command = RegisterGuests { workshop: workshop.parse().ok(), mode: Mode::PerGuest, requests };
        let context = CommandContext::unlimited(Actor::System);
        let outcomes = store.register_guests(command, context).await.expect("no fault").expect("no refusal");
        assert!(outcomes.iter().all(Result::is_ok), "a guest was refused: {outcomes:?}");
    }
}
