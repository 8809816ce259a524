//! Fills the database of the demo. Guests register with the same command as in production.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use domain::{
    Actor, ApiKeyId, CenterId, ExternalId, GuestId, RegistrationId, SessionId, Stage, Timestamp, TrackId, Window,
    WorkshopId,
    commands::register_guest::{RegisterGuest, RegistrationForm},
};
use futures_util::future::try_join_all;
use persistence::{
    Clock, CommandContext, DatabaseUrl, NewCenter, NewGuest, NewSession, NewTrack, NewWorkshop, Options, Store,
    StoreError,
};
use uuid::Uuid;

use super::data::{CENTERS, FAMILY_NAMES, GIVEN_NAMES, INSTRUCTORS, PLANS, Plan, PlannedState};

/// The number of days before today on which the guests of the demo registered.
const REGISTERED_DAYS_AGO: i64 = 60;

/// The seeded data that the tabs of the playground refer to.
pub(super) struct Seeded {
    /// The tracks of each workshop.
    pub(super) tracks: Vec<Vec<TrackId>>,
    /// The day on which the guests registered, in UTC.
    pub(super) registered_on: NaiveDate,
}

/// An id that is the same in every demo, so that a tab saved in a browser keeps working.
fn fixed_id(kind: u64, number: usize) -> Uuid {
    const NEW_YEAR_2026_MS: u128 = 1_767_225_600_000;
    let body = u128::from(kind << 32) + number as u128;
    Uuid::from_u128((NEW_YEAR_2026_MS << 80) | (7 << 76) | (0b10 << 62) | body)
}

pub(super) fn center(number: usize) -> CenterId {
    CenterId::from_uuid(fixed_id(1, number))
}

pub(super) fn guest(number: usize) -> GuestId {
    GuestId::from_uuid(fixed_id(2, number))
}

pub(super) fn workshop(number: usize) -> WorkshopId {
    WorkshopId::from_uuid(fixed_id(3, number))
}

/// The registration with this position in the order of registration for a workshop.
pub(super) fn registration(number: usize, position: usize) -> RegistrationId {
    RegistrationId::from_uuid(fixed_id(5, number * 100 + position))
}

/// The session of a workshop that starts at this hour, on the first or the second day.
pub(super) fn session_id(workshop_number: usize, hour: u32, day: u64) -> SessionId {
    SessionId::from_uuid(fixed_id(4, workshop_number * 100 + hour as usize * 2 + usize::from(day > 0)))
}

/// The id of a key: first those of each role, then the one that a tab rotates and the one that a tab revokes.
pub(super) fn api_key(number: usize) -> ApiKeyId {
    ApiKeyId::from_uuid(fixed_id(6, number))
}

/// The number of guests. The last [`RESERVED`] have no registration.
pub(super) const GUESTS: usize = GIVEN_NAMES.len() * FAMILY_NAMES.len();

/// Fills an empty database. Dates are relative to `now`.
pub(super) async fn seed(url: &DatabaseUrl, now: Timestamp) -> Result<Seeded, StoreError> {
    // The clock advances by a minute with each reading, so that registrations are spread over time.
    let registered_at = now - TimeDelta::days(REGISTERED_DAYS_AGO);
    let minutes = AtomicI64::new(0);
    let clock = Clock::from_fn(move || registered_at + TimeDelta::minutes(minutes.fetch_add(1, Ordering::Relaxed)));
    let store = Store::open(url, Options { clock, ..Options::default() }).await?;
    store.migrate_up().await?;
    store.add_centers(centers()).await?;
    store.add_guests(guests()).await?;
    let mut tracks = Vec::with_capacity(PLANS.len());
    for (number, plan) in PLANS.iter().enumerate() {
        let track_ids = store.add_workshop(new_workshop(number, plan, now)).await?;
        register(&store, number, plan, &track_ids).await?;
        tracks.push(track_ids);
    }
    store.close().await;
    Ok(Seeded { tracks, registered_on: registered_at.date_naive() })
}

fn centers() -> Vec<NewCenter> {
    let centers = CENTERS.iter().enumerate();
    centers
        .map(|(number, (name, time_zone))| NewCenter {
            id: center(number),
            name: (*name).to_owned(),
            time_zone: (*time_zone).to_owned(),
        })
        .collect()
}

fn guests() -> Vec<NewGuest> {
    (0..GUESTS)
        .map(|number| {
            // The offset makes every combination of names unique.
            let given = GIVEN_NAMES[number % GIVEN_NAMES.len()];
            let family = FAMILY_NAMES[(number / GIVEN_NAMES.len() + number) % FAMILY_NAMES.len()];
            NewGuest {
                id: guest(number),
                external_id: ExternalId::parse(&format!("crm-{}", 1001 + number)).ok(),
                given_name: given.to_owned(),
                family_name: family.to_owned(),
                email: Some(format!("{}.{}@example.com", given.to_lowercase(), family.to_lowercase())),
                phone: (number % 3 != 0).then(|| format!("+1-202-555-01{:02}", number % 100)),
                home_center: Some(center(number % CENTERS.len())),
            }
        })
        .collect()
}

fn new_workshop(number: usize, plan: &Plan, now: Timestamp) -> NewWorkshop {
    let day = |days: i64| now + TimeDelta::days(days);
    let opened = Some(day(-REGISTERED_DAYS_AGO - 1));
    let (stage, window) = match plan.state {
        PlannedState::Draft => (Stage::Draft, Window { opens_at: None, closes_at: None }),
        PlannedState::Cancelled => (Stage::Cancelled, Window { opens_at: opened, closes_at: None }),
        PlannedState::NotYetOpen => (Stage::Published, Window { opens_at: Some(day(plan.day - 30)), closes_at: None }),
        PlannedState::WindowClosed => (Stage::Published, Window { opens_at: opened, closes_at: Some(day(-1)) }),
        PlannedState::Open | PlannedState::Running | PlannedState::Completed => {
            (Stage::Published, Window { opens_at: opened, closes_at: None })
        }
    };
    NewWorkshop {
        id: workshop(number),
        external_id: ExternalId::parse(&format!("shop-{}", 501 + number)).ok(),
        title: plan.title.to_owned(),
        description: Some(plan.description.to_owned()),
        stage,
        window,
        capacity: plan.capacity,
        waitlist_enabled: plan.waitlist_limit.is_some(),
        waitlist_limit: plan.waitlist_limit,
        centers: plan.centers.iter().map(|center_number| center(*center_number)).collect(),
        tracks: vec![
            NewTrack {
                name: "Morning bench".to_owned(),
                capacity: plan.track_capacity,
                sessions: sessions(number, plan, 9, now),
            },
            NewTrack { name: "Afternoon bench".to_owned(), capacity: None, sessions: sessions(number, plan, 14, now) },
        ],
    }
}

/// Two sessions of three hours on two days, at this hour of the center's local time.
fn sessions(number: usize, plan: &Plan, hour: u32, now: Timestamp) -> Vec<NewSession> {
    let (_, zone) = CENTERS[plan.centers[0]];
    let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
    let session = |day: u64| {
        let date = (now + TimeDelta::days(plan.day)).with_timezone(&zone).date_naive() + Days::new(day);
        let local = date.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default());
        let planned = zone.from_local_datetime(&local).earliest().map_or(now, |start| start.to_utc());
        // A running session started an hour ago, regardless of the local time.
        let starts_at =
            if plan.state == PlannedState::Running && day == 0 { now - TimeDelta::hours(1) } else { planned };
        NewSession {
            id: session_id(number, hour, day),
            title: if day == 0 { "First steps".to_owned() } else { "Finishing".to_owned() },
            starts_at,
            ends_at: starts_at + TimeDelta::hours(3),
            center: center(plan.centers[0]),
            room: Some(format!("Room {}", 1 + number % 4)),
            instructor: Some(INSTRUCTORS[number % INSTRUCTORS.len()].to_owned()),
        }
    };
    vec![session(0), session(1)]
}

/// Registers the guests of a workshop, then adds guests to its waitlist.
async fn register(store: &Store, number: usize, plan: &Plan, tracks: &[TrackId]) -> Result<(), StoreError> {
    if matches!(plan.state, PlannedState::Draft | PlannedState::NotYetOpen | PlannedState::Cancelled) {
        return Ok(());
    }
    let request = |position: usize| {
        // Guests alternate between the tracks until the first track is full.
        let morning =
            plan.track_capacity.is_none_or(|capacity| position / 2 < capacity as usize) && position.is_multiple_of(2);
        let track = tracks[usize::from(!morning)].number();
        // Each workshop starts with a different guest, and the last guests have no registration.
        let guest_id = guest((number * 7 + position) % (GUESTS - RESERVED)).to_string();
        let (workshop, center) = (workshop(number).to_string(), center(plan.centers[0]).to_string());
        let form = RegistrationForm {
            workshop: &workshop,
            track: Some(track),
            guest: Some(&guest_id),
            center: Some(&center),
            waitlist: position >= plan.seated,
        };
        RegisterGuest::parse(form, registration(number, position))
    };
    let requests = (0..plan.seated + plan.waiting).filter_map(|position| request(position).ok());
    let context = CommandContext::unlimited(Actor::Demo);
    let results = requests.map(|request| store.register_guest(request, context.clone()));
    for result in try_join_all(results).await? {
        if let Err(refusal) = result {
            tracing::warn!(workshop = plan.title, %refusal, "cannot register a guest of the demo");
        }
    }
    Ok(())
}

/// The number of guests without a registration, whom visitors can register.
pub(super) const RESERVED: usize = 20;
