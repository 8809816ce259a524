//! The data of the attacked server: long lists in every direction that the schema can nest.

use chrono::TimeDelta;
use domain::{CenterId, SessionId, Stage, Window, WorkshopId};
use persistence::{NewSession, NewTrack, NewWorkshop};
use serde_json::{Value, json};
use tests::{ApiKey, REGISTER, TestApp, Workshop, a_workshop, admin, now};

use crate::{binary::create_guests, size::ATTACKERS};

const CENTERS: usize = 100;
const GUESTS: usize = 400;
/// The guests that one `registerGuests` accepts.
const GUESTS_PER_REQUEST: usize = 200;
const ORDINARY_WORKSHOPS: usize = 60;
/// The longest description.
const DESCRIPTION_CHARACTERS: usize = 10_000;

/// The ids that the clients of a test use.
#[derive(Clone, Debug)]
pub(crate) struct Dataset {
    /// 50 tracks with 20 sessions each, at 100 centers.
    pub(crate) large_workshop: String,
    /// One track with 500 sessions.
    pub(crate) long_track: String,
    /// Three tracks with 12 sessions each.
    pub(crate) ordinary_workshop: String,
    /// A workshop with 400 registrations.
    pub(crate) full_workshop: String,
    /// Open workshops without a limit, one for the honest clients and one for each client of the attack.
    pub(crate) open_workshops: Vec<Workshop>,
    pub(crate) guests: Vec<String>,
    /// The cursor of the first entry of the journal.
    pub(crate) first_cursor: String,
    /// The key of the honest front desk.
    pub(crate) desk: ApiKey,
    /// A key for each client of the attack.
    pub(crate) attackers: Vec<ApiKey>,
}

impl Dataset {
    pub(crate) async fn create(app: &TestApp) -> Self {
        let mut centers = Vec::new();
        for number in 0..CENTERS {
            centers.push(app.center(&format!("Center {number}")).await);
        }
        let large_workshop = add_workshop(app, &centers, 50, 20).await;
        let long_track = add_workshop(app, &centers[..1], 1, 500).await;
        let ordinary_workshop = add_workshop(app, &centers[..2], 3, 12).await;
        for number in 1..ORDINARY_WORKSHOPS {
            add_workshop(app, &centers[number..=number + 2], 3, 12).await;
        }
        let open = || a_workshop().capacity(None).window(None, None);
        let mut open_workshops = Vec::new();
        for _ in 0..=ATTACKERS {
            open_workshops.push(app.given(open()).await);
        }
        let guests = create_guests(app, GUESTS).await;
        let full_workshop = app.given(open()).await;
        for guests in guests.chunks(GUESTS_PER_REQUEST) {
            register_all(app, &full_workshop, guests).await;
        }
        let first_cursor = app.query("{ changes(first: 1) { nodes { cursor } } }").await["nodes"][0]["cursor"].clone();
        let desk = app.key(admin()).await;
        let mut attackers = Vec::new();
        for _ in 0..ATTACKERS {
            attackers.push(app.key(admin()).await);
        }
        Self {
            large_workshop,
            long_track,
            ordinary_workshop,
            full_workshop: full_workshop.id,
            open_workshops,
            guests,
            first_cursor: first_cursor.as_str().unwrap().to_owned(),
            desk,
            attackers,
        }
    }

    /// A request that registers a guest for an open workshop.
    pub(crate) fn registration(&self, workshop: usize, guest: usize) -> Value {
        let workshop = &self.open_workshops[workshop];
        let guest = &self.guests[guest % self.guests.len()];
        let input = json!({ "trackId": workshop.tracks[0], "guestId": guest, "centerId": workshop.center });
        json!({ "query": REGISTER, "variables": { "workshopId": workshop.id, "input": input } })
    }
}

/// A request that cancels a registration.
pub(crate) fn cancellation(registration: &Value) -> Value {
    let query = "mutation ($id: ID!) { cancelRegistration(registrationId: $id) { __typename } }";
    json!({ "query": query, "variables": { "id": registration } })
}

/// Adds a published workshop with so many tracks and sessions on each track. Returns its id.
async fn add_workshop(app: &TestApp, centers: &[CenterId], tracks: usize, sessions: usize) -> String {
    let id = WorkshopId::from_uuid(uuid::Uuid::now_v7());
    let starts_at = |number: usize| now() + TimeDelta::hours(24 + 2 * i64::try_from(number).unwrap());
    let session = |number: usize| NewSession {
        id: SessionId::from_uuid(uuid::Uuid::now_v7()),
        title: format!("Session {number} about drawing with ink and water"),
        starts_at: starts_at(number),
        ends_at: starts_at(number) + TimeDelta::hours(1),
        center: centers[number % centers.len()],
        room: Some("A room with windows to the north".to_owned()),
        instructor: Some("Ann Example".to_owned()),
    };
    let track = |number| NewTrack {
        name: format!("Track {number}"),
        capacity: None,
        sessions: (0..sessions).map(session).collect(),
    };
    let workshop = NewWorkshop {
        id,
        external_id: None,
        title: "A workshop with many lists".to_owned(),
        description: Some("x".repeat(DESCRIPTION_CHARACTERS)),
        stage: Stage::Published,
        window: Window { opens_at: None, closes_at: None },
        capacity: None,
        waitlist_enabled: false,
        waitlist_limit: None,
        centers: centers.to_vec(),
        tracks: (0..tracks).map(track).collect(),
    };
    app.store.add_workshop(workshop).await.unwrap();
    id.to_string()
}

async fn register_all(app: &TestApp, workshop: &Workshop, guests: &[String]) {
    let query = "mutation ($workshopId: ID!, $input: RegisterGuestsInput!) {
        registerGuests(workshopId: $workshopId, input: $input) { __typename } }";
    let entry =
        |guest: &String| json!({ "trackId": workshop.tracks[0], "guestId": guest, "centerId": workshop.center });
    let input = json!({ "guests": guests.iter().map(entry).collect::<Vec<Value>>() });
    let answer = app.graphql(query, &json!({ "workshopId": workshop.id, "input": input })).await;
    assert_eq!(answer.field()["__typename"], "RegisterGuestsSuccess");
}
