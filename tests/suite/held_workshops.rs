//! Workshops and guests that another session of the database holds. SQLite has none: it has one writer.

use std::time::Duration;

use futures_util::future::join_all;
use macro_rules_attribute::apply;
use persistence::{LaneSettings, Options};
use serde_json::{Value, json};
use tests::{Answer, REGISTER, TestApp, Workshop, a_workshop, on_postgres};
use tokio::{task::JoinHandle, time::Instant};

const GUESTS: [&str; 6] = ["ann", "bob", "cem", "dan", "eva", "fay"];
const EDITS: usize = 3;
const EDIT: &str = "mutation ($id: ID!, $input: UpdateWorkshopInput!) {
    updateWorkshop(workshopId: $id, input: $input) { __typename } }";
const LOCK_WAITERS: &str = "SELECT COUNT(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Options with which work waits for longer than any test takes.
fn long_timeouts() -> Options {
    let timeout = Duration::from_mins(1);
    Options { lock_timeout: timeout, acquire_timeout: timeout, ..Options::default() }
}

/// A server with one lane, and a workshop with the requests for it.
struct Requests {
    server: TestApp,
    held: Workshop,
    registrations: Vec<Value>,
}

impl Requests {
    async fn new(app: &TestApp, options: Options) -> Self {
        let held = app.given(a_workshop()).await;
        let mut registrations = Vec::new();
        for guest in GUESTS {
            let input = app.input(&held, guest).await;
            registrations.push(json!({ "workshopId": held.id, "input": input }));
        }
        let lanes = LaneSettings { lanes: 1, ..LaneSettings::default() };
        let server = app.another_with_options(Options { lanes, ..options }).await;
        Self { server, held, registrations }
    }

    /// Sends a request from its own task.
    fn send(&self, document: &'static str, variables: Value) -> JoinHandle<Answer> {
        let client = self.server.client();
        tokio::spawn(async move { client.graphql(document, &variables).await })
    }

    fn edit(&self, number: usize) -> JoinHandle<Answer> {
        self.send(EDIT, json!({ "id": self.held.id, "input": { "title": format!("Title {number}") } }))
    }

    fn register(&self, guest: usize) -> JoinHandle<Answer> {
        self.send(REGISTER, self.registrations[guest].clone())
    }

    /// Asserts that the server registers for another workshop and edits it, and refuses a workshop that does not exist.
    async fn assert_serves(&self, other: &Workshop, input: &Value) {
        let registration = self.server.register_with(other, input).await;
        assert_eq!(registration.registration()["status"], "REGISTERED");
        let edit = self.send(EDIT, json!({ "id": other.id, "input": { "title": "Edited" } })).await.unwrap();
        assert_eq!(edit.field()["__typename"], "UpdateWorkshopSuccess");
        let unknown = Workshop { id: "wks_00000000000000000000000000".to_owned(), ..other.clone() };
        assert_eq!(self.server.register_with(&unknown, input).await.field()["__typename"], "WorkshopInvalid");
    }
}

/// Asserts the type of the result of each request.
async fn assert_all(requests: Vec<JoinHandle<Answer>>, expected: &str) {
    for answer in join_all(requests).await {
        assert_eq!(answer.unwrap().field()["__typename"], expected);
    }
}

#[apply(on_postgres)]
async fn registrations_behind_an_edit_of_a_held_workshop_open_no_session_and_delay_no_other_workshop(app: TestApp) {
    let free = app.given(a_workshop()).await;
    let input = app.input(&free, "gus").await;
    let requests = Requests::new(&app, long_timeouts()).await;
    let holding = app.database.lock_workshop(&requests.held).await;
    let mut edits = vec![requests.edit(0)];
    app.database.wait_for_lock_waiters(1).await;
    edits.extend((1..EDITS).map(|number| requests.edit(number)));
    let registrations = (0..GUESTS.len()).map(|guest| requests.register(guest)).collect();
    requests.server.wait_for_count("atelier_lane_queue_depth{lane=\"0\"}", GUESTS.len() as u64).await;
    requests.assert_serves(&free, &input).await;
    assert_eq!(app.database.number(LOCK_WAITERS).await, 1);
    holding.rollback().await;
    assert_all(edits, "UpdateWorkshopSuccess").await;
    assert_all(registrations, "Registration").await;
}

#[apply(on_postgres)]
async fn edits_behind_a_registration_for_a_held_workshop_open_no_session_and_delay_no_other_workshop(app: TestApp) {
    let free = app.given(a_workshop()).await;
    let input = app.input(&free, "gus").await;
    let requests = Requests::new(&app, long_timeouts()).await;
    let holding = app.database.lock_workshop(&requests.held).await;
    let mut registrations = vec![requests.register(0)];
    app.database.wait_for_lock_waiters(1).await;
    let edits = (0..EDITS).map(|number| requests.edit(number)).collect();
    registrations.extend((1..GUESTS.len()).map(|guest| requests.register(guest)));
    requests.server.wait_for_count("atelier_lane_queue_depth{lane=\"0\"}", GUESTS.len() as u64 - 1).await;
    requests.assert_serves(&free, &input).await;
    assert_eq!(app.database.number(LOCK_WAITERS).await, 1);
    holding.rollback().await;
    assert_all(edits, "UpdateWorkshopSuccess").await;
    assert_all(registrations, "Registration").await;
}

#[apply(on_postgres)]
async fn work_for_a_held_workshop_is_refused_after_the_timeout(app: TestApp) {
    let options = Options { acquire_timeout: Duration::from_millis(500), ..Options::default() };
    let lock_timeout = options.lock_timeout;
    let requests = Requests::new(&app, options).await;
    let holding = app.database.lock_workshop(&requests.held).await;
    let begun = Instant::now();
    let edits = (0..8).map(|number| requests.edit(number));
    let registrations = (0..GUESTS.len()).map(|guest| requests.register(guest));
    for answer in join_all(edits.chain(registrations).collect::<Vec<_>>()).await {
        let answer = answer.unwrap();
        assert!(["OVERLOADED", "SERVICE_UNAVAILABLE"].contains(&answer.error_code()), "{:#}", answer.body);
    }
    // The requests do not wait one after the other, and not as long as a session can wait for one lock.
    assert!(begun.elapsed() < lock_timeout, "{:?}", begun.elapsed());
    holding.rollback().await;
    assert_eq!(app.database.number("SELECT MAX(version)::bigint + SUM(seats_taken) FROM workshops").await, 1);
    assert_all(vec![requests.register(0)], "Registration").await;
    assert_all(vec![requests.edit(0)], "UpdateWorkshopSuccess").await;
}

#[apply(on_postgres)]
async fn edits_of_a_held_guest_wait_in_one_session_and_delay_no_other_edit(app: TestApp) {
    let (guest, app) = (app.guest("ann").await, app.another_with_options(long_timeouts()).await);
    let holding = app.database.transaction("SELECT id FROM guests WHERE external_id = 'ann' FOR UPDATE").await;
    let update = "mutation ($id: ID!, $input: GuestInput!) {
        updateGuest(guestId: $id, input: $input) { __typename } }";
    let edits = (0..5).map(|number| {
        let variables = json!({ "id": guest, "input": { "givenName": format!("Ann {number}") } });
        let client = app.client();
        tokio::spawn(async move { client.graphql(update, &variables).await })
    });
    let edits: Vec<_> = edits.collect();
    app.database.wait_for_lock_waiters(1).await;
    for _ in 0..5 {
        let center = r#"mutation { createCenter(input: { name: "Here", timeZone: "Europe/Berlin" }) { __typename } }"#;
        assert_eq!(app.query(center).await["__typename"], "Center");
    }
    assert_eq!(app.database.number(LOCK_WAITERS).await, 1);
    holding.rollback().await;
    assert_all(edits, "Guest").await;
}
