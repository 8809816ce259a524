//! Workshops and guests that another session of the database holds. SQLite has none: it has one writer.

use std::{slice, time::Duration};

use futures_util::future::join_all;
use macro_rules_attribute::apply;
use persistence::{LaneSettings, Options};
use serde_json::{Value, json};
use tests::{Answer, REGISTER, TestApp, Workshop, a_workshop, in_time, on_postgres};
use tokio::{task::JoinHandle, time::Instant};

const GUESTS: [&str; 6] = ["ann", "bob", "cem", "dan", "eva", "fay"];
const EDITS: usize = 3;
const EDIT: &str = "mutation ($id: ID!, $input: UpdateWorkshopInput!) {
    updateWorkshop(workshopId: $id, input: $input) { __typename } }";
const CREATE_CENTER: &str = "mutation ($input: CenterInput!) { createCenter(input: $input) { __typename } }";
const LOCK_WAITERS: &str = "SELECT COUNT(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Options with which work waits for longer than any test takes.
fn long_timeouts() -> Options {
    let timeout = Duration::from_mins(1);
    Options { lock_timeout: timeout, acquire_timeout: timeout, ..Options::default() }
}

/// The fewest connections of a server: one for its lane, one to wait, and one for everything else.
fn fewest_connections() -> Options {
    Options { connections: 3, ..long_timeouts() }
}

/// The kind of the first request for each held workshop.
#[derive(Clone, Copy)]
enum First {
    Edit,
    Registration,
}

/// A server with one lane, and requests for held workshops.
struct Requests {
    server: TestApp,
    registrations: Vec<Value>,
}

impl Requests {
    async fn new(app: &TestApp, workshops: &[Workshop], options: Options) -> Self {
        let mut registrations = Vec::new();
        for guest in GUESTS {
            for workshop in workshops {
                let input = app.input(workshop, guest).await;
                registrations.push(json!({ "workshopId": workshop.id, "input": input }));
            }
        }
        let lanes = LaneSettings { lanes: 1, ..LaneSettings::default() };
        let server = app.another_with_options(Options { lanes, ..options }).await;
        Self { server, registrations }
    }

    /// Sends a request from its own task.
    fn send(&self, document: &'static str, variables: Value) -> JoinHandle<Answer> {
        let client = self.server.client();
        tokio::spawn(async move { client.graphql(document, &variables).await })
    }

    fn edit(&self, workshop: &Workshop, number: usize) -> JoinHandle<Answer> {
        self.send(EDIT, json!({ "id": workshop.id, "input": { "title": format!("Title {number}") } }))
    }

    fn register(&self, number: usize) -> JoinHandle<Answer> {
        self.send(REGISTER, self.registrations[number].clone())
    }

    /// Asserts that the server edits another workshop and registers for it at the same time, and refuses a workshop that
    /// does not exist.
    async fn assert_serves(&self, other: &Workshop, inputs: &[Value]) {
        for input in inputs {
            // Most of the edits in a row change nothing, and are rolled back.
            let edits: Vec<_> = (0..2 * EDITS).map(|number| self.edit(other, number / EDITS)).collect();
            let registration = self.server.register_with(other, input).await;
            assert_eq!(registration.registration()["status"], "REGISTERED");
            assert_all(edits, "UpdateWorkshopSuccess").await;
        }
        let unknown = Workshop { id: "wks_00000000000000000000000000".to_owned(), ..other.clone() };
        assert_eq!(self.server.register_with(&unknown, &inputs[0]).await.field()["__typename"], "WorkshopInvalid");
        assert_eq!(self.edit(&unknown, 0).await.unwrap().field()["__typename"], "WorkshopInvalid");
    }
}

/// Asserts the type of the result of each request.
async fn assert_all(requests: Vec<JoinHandle<Answer>>, expected: &str) {
    for answer in join_all(requests).await {
        assert_eq!(answer.unwrap().field()["__typename"], expected);
    }
}

/// Asserts that requests for so many held workshops wait in so many sessions, and delay no other workshop.
async fn assert_held_workshops_delay_no_other(
    app: TestApp,
    held: usize,
    sessions: u32,
    options: Options,
    first: First,
) {
    let free = app.given(a_workshop()).await;
    let mut inputs = Vec::new();
    for guest in GUESTS {
        inputs.push(app.input(&free, guest).await);
    }
    let (mut workshops, mut holding) = (Vec::new(), Vec::new());
    for _ in 0..held {
        workshops.push(app.given(a_workshop()).await);
    }
    let requests = Requests::new(&app, &workshops, options).await;
    for workshop in &workshops {
        holding.push(app.database.lock_workshop(workshop).await);
    }
    let mut edits = (0..EDITS).flat_map(|number| workshops.iter().map(move |workshop| (workshop, number)));
    let mut registrations = 0..requests.registrations.len();
    let (mut edited, mut registered) = (Vec::new(), Vec::new());
    match first {
        First::Edit => {
            edited.extend(edits.by_ref().take(held).map(|(workshop, number)| requests.edit(workshop, number)));
        }
        First::Registration => {
            registered.extend(registrations.by_ref().take(held).map(|number| requests.register(number)));
        }
    }
    app.database.wait_for_lock_waiters(sessions).await;
    edited.extend(edits.map(|(workshop, number)| requests.edit(workshop, number)));
    registered.extend(registrations.map(|number| requests.register(number)));
    // Registrations that wait in the database are not in the queue any more.
    let waiting = match first {
        First::Edit => 0,
        First::Registration => u64::from(sessions),
    };
    let queued = requests.registrations.len() as u64 - waiting;
    requests.server.wait_for_count("atelier_lane_queue_depth{lane=\"0\"}", queued).await;
    in_time(requests.assert_serves(&free, &inputs)).await;
    assert_eq!(app.database.number(LOCK_WAITERS).await, i64::from(sessions));
    for transaction in holding {
        transaction.rollback().await;
    }
    assert_all(edited, "UpdateWorkshopSuccess").await;
    assert_all(registered, "Registration").await;
}

#[apply(on_postgres)]
async fn edits_of_five_held_workshops_delay_no_other(app: TestApp) {
    assert_held_workshops_delay_no_other(app, 5, 4, long_timeouts(), First::Edit).await;
}

#[apply(on_postgres)]
async fn registrations_for_five_held_workshops_delay_no_other(app: TestApp) {
    assert_held_workshops_delay_no_other(app, 5, 4, long_timeouts(), First::Registration).await;
}

#[apply(on_postgres)]
async fn an_edit_of_a_held_workshop_delays_no_other_on_the_fewest_connections(app: TestApp) {
    assert_held_workshops_delay_no_other(app, 1, 1, fewest_connections(), First::Edit).await;
}

#[apply(on_postgres)]
async fn a_registration_for_a_held_workshop_delays_no_other_on_the_fewest_connections(app: TestApp) {
    assert_held_workshops_delay_no_other(app, 1, 1, fewest_connections(), First::Registration).await;
}

#[apply(on_postgres)]
async fn work_for_a_held_workshop_is_refused_after_the_timeout(app: TestApp) {
    let options = Options { acquire_timeout: Duration::from_millis(500), ..Options::default() };
    let lock_timeout = options.lock_timeout;
    let held = app.given(a_workshop()).await;
    let requests = Requests::new(&app, slice::from_ref(&held), options).await;
    let holding = app.database.lock_workshop(&held).await;
    let begun = Instant::now();
    let edits = (0..8).map(|number| requests.edit(&held, number));
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
    assert_all(vec![requests.edit(&held, 0)], "UpdateWorkshopSuccess").await;
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
    for number in 0..5 {
        let created = in_time(create_center(&app, &format!("free-{number}"))).await.unwrap();
        assert_eq!(created.field()["__typename"], "Center");
    }
    assert_eq!(app.database.number(LOCK_WAITERS).await, 1);
    holding.rollback().await;
    assert_all(edits, "Guest").await;
}

/// Creates a center with this external id.
fn create_center(app: &TestApp, external_id: &str) -> JoinHandle<Answer> {
    let input = json!({ "externalId": external_id, "name": "Here", "timeZone": "Europe/Berlin" });
    let client = app.client();
    tokio::spawn(async move { client.graphql(CREATE_CENTER, &json!({ "input": input })).await })
}

#[apply(on_postgres)]
async fn creations_that_wait_for_another_transaction_delay_no_other(app: TestApp) {
    let app = app.another_with_options(long_timeouts()).await;
    let insert = "INSERT INTO centers (id, external_id, name, time_zone, created_at, updated_at, sort_key)
        SELECT gen_random_uuid(), 'held-' || number, 'There', 'Europe/Berlin', now(), now(), ''
        FROM generate_series(1, 5) AS number";
    let writing = app.database.transaction(insert).await;
    let waiting: Vec<_> = (1..=5).map(|number| create_center(&app, &format!("held-{number}"))).collect();
    app.database.wait_for_lock_waiters(4).await;
    for number in 0..5 {
        let created = in_time(create_center(&app, &format!("free-{number}"))).await.unwrap();
        assert_eq!(created.field()["__typename"], "Center");
    }
    writing.commit().await;
    assert_all(waiting, "ExternalIdTaken").await;
}
