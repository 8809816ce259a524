//! Rows for the operations: every list has rows, and one workshop has long lists.

use std::fmt::Write;

use api::{DocumentLimits, Limits, RateLimits, ResponseLimits};
use chrono::TimeDelta;
use domain::{CenterId, SessionId};
use persistence::{NewCenter, NewSession, NewTrack};
use serde_json::{Value, json};
use tests::{Backend, Database, TestApp, a_workshop, now};
use uuid::Uuid;

/// The rows of each list.
const ROWS: usize = 100;

pub(crate) struct Dataset {
    /// A server whose buckets do not refill.
    pub(crate) app: TestApp,
    pub(crate) workshop: String,
    pub(crate) center: String,
    pub(crate) guest: String,
    pub(crate) registration: String,
    pub(crate) track: i32,
}

impl Dataset {
    pub(crate) async fn new() -> Self {
        let app = TestApp::over_database(Database::migrated(Backend::Sqlite).await.unwrap()).await;
        let centers: Vec<_> = (0..ROWS).map(|_| CenterId::from_uuid(Uuid::now_v7())).collect();
        let center = |(number, id): (usize, &CenterId)| NewCenter {
            id: *id,
            name: format!("Center {number:03}"),
            time_zone: "Europe/Berlin".to_owned(),
        };
        app.store.add_centers(centers.iter().enumerate().map(center).collect()).await.unwrap();
        for number in 1..ROWS {
            let sessions = (1..4).map(|day| TimeDelta::days(day));
            let workshop = a_workshop().title(&format!("Workshop {number}")).track(5).sessions(sessions);
            app.given_at(centers[number % 10], workshop).await;
        }
        // Twelve tracks with twelve sessions each, and ten centers.
        let mut long = a_workshop().title(&"Long ".repeat(40)).capacity(u32::try_from(ROWS).unwrap());
        long = long.tracks((0..12).map(|number| NewTrack {
            name: format!("Track {number}"),
            capacity: None,
            sessions: (1..=12).map(|day| session(centers[0], day)).collect(),
        }));
        long = long.description(&"A long text. ".repeat(700)).centers(&centers[1..10]);
        let workshop = app.given_at(centers[0], long).await;
        let names: Vec<_> = (0..ROWS).map(|number| format!("Guest {number:03}")).collect();
        let guests = app.guests(&names).await;
        let mut register = "mutation ($id: ID!) {".to_owned();
        write!(register, "registerGuests(workshopId: $id, input: {{ guests: [").unwrap();
        for guest in &guests {
            let (track, center) = (workshop.tracks[0], &workshop.center);
            write!(register, "{{ trackId: {track}, guestId: \"{guest}\", centerId: \"{center}\" }}").unwrap();
        }
        register.push_str("] }) { ... on RegisterGuestsSuccess { results { ... on Registration { id } } } } }");
        let documents = DocumentLimits { tokens: 100_000, ..DocumentLimits::default() };
        let rate = RateLimits { per_minute: 0, ..RateLimits::default() };
        let writer = app.another_with_limits(Limits { documents, rate, ..Limits::default() }).await;
        let registered = writer.graphql(&register, &json!({ "id": workshop.id })).await;
        let registration = registered.field()["results"][0]["id"].as_str().unwrap().to_owned();
        for number in 0..ROWS {
            let input = json!({ "name": format!("Key {number}"), "role": "ADMIN" });
            let create = "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename } }";
            assert_eq!(
                app.graphql(create, &json!({ "input": input })).await.field()["__typename"],
                "CreateApiKeySuccess"
            );
        }
        let rate = RateLimits { per_minute: 2_000_000_000, burst: 2_000_000_000 };
        let limited = app.another_with_clock_ticks(Limits { rate, ..Limits::default() }).await;
        Self {
            app: limited,
            workshop: workshop.id,
            center: workshop.center,
            guest: guests[0].clone(),
            registration,
            track: workshop.tracks[0],
        }
    }

    /// A server on which a response can have this many objects.
    pub(crate) async fn with_objects(&self, objects: usize) -> TestApp {
        let response = ResponseLimits { objects, ..ResponseLimits::default() };
        let rate = RateLimits { per_minute: 0, ..RateLimits::default() };
        self.app.another_with_limits(Limits { response, rate, ..Limits::default() }).await
    }

    /// A server on which the estimated cost stops nothing.
    pub(crate) async fn without_cost(&self) -> TestApp {
        let documents = DocumentLimits { cost: usize::MAX >> 1, ..DocumentLimits::default() };
        let rate = RateLimits { per_minute: 0, ..RateLimits::default() };
        self.app.another_with_limits(Limits { documents, rate, ..Limits::default() }).await
    }

    /// The argument that a field requires; empty: it requires none.
    pub(crate) fn required(&self, field: &str) -> String {
        let Self { workshop, center, guest, registration, track, .. } = self;
        match field {
            "node" | "workshop" => format!("(id: \"{workshop}\")"),
            "center" => format!("(id: \"{center}\")"),
            "registration" => format!("(id: \"{registration}\")"),
            "nodes" => format!("(ids: {})", Value::from(vec![workshop.as_str(); 100])),
            "guest" => format!("(by: {{ id: \"{guest}\" }})"),
            "workshopBy" => format!("(by: {{ id: \"{workshop}\" }})"),
            "centerBy" => format!("(by: {{ id: \"{center}\" }})"),
            "registrationEligibility" => format!(
                "(workshopId: \"{workshop}\", input: {{ trackId: {track}, guestId: \"{guest}\", centerId: \"{center}\" }})"
            ),
            other => panic!("the data set has no argument for `{other}`"),
        }
    }
}

fn session(center: CenterId, day: i64) -> NewSession {
    NewSession {
        id: SessionId::from_uuid(Uuid::now_v7()),
        title: format!("Day {day}"),
        starts_at: now() + TimeDelta::days(day),
        ends_at: now() + TimeDelta::days(day) + TimeDelta::hours(1),
        center,
        room: Some("A room".to_owned()),
        instructor: None,
    }
}
