//! The guarantees of the lanes under failures and overload.

use std::time::Duration;

use axum::http::StatusCode;
use domain::{
    Actor, RegistrationId, WorkshopId,
    commands::register_guest::{RegisterGuest, RegistrationForm},
};
use futures_util::{FutureExt, future::join_all};
use macro_rules_attribute::apply;
use persistence::{CommandContext, LaneSettings, Options};
use serde_json::{Value, json};
use tests::{Answer, Backend, HeldTransaction, TestApp, Workshop, a_workshop, on_each_database, on_postgres};
use uuid::Uuid;

const GUESTS: [&str; 6] = ["ann", "bob", "cem", "dan", "eva", "fay"];
const QUEUE_DEPTH: &str = "atelier_lane_queue_depth{lane=\"0\"}";

/// The inputs that register each guest at a workshop.
async fn inputs(app: &TestApp, workshop: &Workshop) -> Vec<Value> {
    let mut inputs = Vec::new();
    for guest in GUESTS {
        inputs.push(app.input(workshop, guest).await);
    }
    inputs
}

/// A server whose only lane waits for the database with one command, so that further commands queue.
struct BusyLane {
    app: TestApp,
    held: HeldTransaction,
}

impl BusyLane {
    async fn start(app: &TestApp, options: Options) -> Self {
        let lanes = LaneSettings { lanes: 1, ..options.lanes };
        let app = app.another_with_options(Options { lanes, ..options }).await;
        let held = app.database.block_writes().await;
        // A refused command, so that it changes no count: there is no such workshop.
        let workshop = WorkshopId::from_uuid(Uuid::now_v7()).to_string();
        let form = RegistrationForm {
            workshop: &workshop,
            track: Some(1),
            guest: Some("none"),
            center: Some("none"),
            waitlist: false,
        };
        let command = RegisterGuest::parse(form, RegistrationId::from_uuid(Uuid::now_v7())).unwrap();
        let store = app.store.clone();
        let mut first =
            Box::pin(async move { store.register_guest(command, CommandContext::unlimited(Actor::System)).await });
        // The first poll queues the command: from then on an empty queue means that the lane has taken it.
        assert!(first.as_mut().now_or_never().is_none(), "the database is held");
        tokio::spawn(first);
        app.wait_for_count(QUEUE_DEPTH, 0).await;
        Self { app, held }
    }

    /// Sends a registration for each input, releases the database when `queued` of them are in the queue, and returns
    /// the responses.
    async fn register(self, workshop: &Workshop, inputs: &[Value], queued: u64) -> (TestApp, Vec<Answer>) {
        let Self { app, held } = self;
        let registering = join_all(inputs.iter().map(|input| app.register_with(workshop, input)));
        let releasing = async {
            app.wait_for_count(QUEUE_DEPTH, queued).await;
            held.rollback().await;
        };
        let (answers, ()) = tokio::join!(registering, releasing);
        (app, answers)
    }
}

/// Asserts how many batches were tried, how many commands they had in total, and how many failed.
#[track_caller]
fn assert_batches(app: &TestApp, tried: u64, commands: u64, failed: u64) {
    let samples = ["atelier_batch_commands_count", "atelier_batch_commands_sum", "atelier_batches_failed_total"];
    assert_eq!(samples.map(|sample| app.count(sample)), [tried, commands, failed]);
}

#[apply(on_each_database)]
async fn a_failing_command_does_not_fail_the_others_of_its_batch(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    app.guest("cem").await;
    let refuse = match app.backend() {
        Backend::Sqlite => {
            "CREATE TRIGGER planted BEFORE INSERT ON registrations
             WHEN NEW.guest_id = (SELECT id FROM guests WHERE external_id = 'cem')
             BEGIN SELECT RAISE(ABORT, 'planted'); END"
        }
        Backend::Postgres => {
            "CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               IF NEW.guest_id = (SELECT id FROM guests WHERE external_id = 'cem') THEN RAISE 'planted'; END IF;
               RETURN NEW; END $$;
             CREATE TRIGGER planted BEFORE INSERT ON registrations FOR EACH ROW EXECUTE FUNCTION planted()"
        }
    };
    app.database.execute(refuse).await.unwrap();
    let inputs = inputs(&app, &workshop).await;
    let lane = BusyLane::start(&app, Options::default()).await;
    let (server, answers) = lane.register(&workshop, &inputs, 6).await;
    for (guest, answer) in GUESTS.iter().zip(&answers) {
        match *guest {
            "cem" => assert_eq!(answer.error_code(), "INTERNAL_SERVER_ERROR"),
            _ => assert_eq!(answer.registration()["status"], "REGISTERED"),
        }
    }
    assert_eq!(app.database.number("SELECT SUM(seats_taken) FROM workshops").await, 5);
    // The first command; the six together, which fail; then each of them alone; one fails.
    assert_batches(&server, 8, 13, 2);
}

#[apply(on_each_database)]
async fn a_panicking_rule_fails_no_command_of_the_retried_batch(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let inputs = inputs(&app, &workshop).await;
    let lane = BusyLane::start(&app, Options::default()).await;
    // Each batch reads the clock once: the first command's, then that of the six.
    app.clock.panic_after_reads(1);
    let (server, answers) = lane.register(&workshop, &inputs, 6).await;
    assert!(answers.iter().all(|answer| answer.registration()["status"] == "REGISTERED"));
    // The first command; the six together, which fail; then each of them alone.
    assert_batches(&server, 8, 13, 1);
}

#[apply(on_each_database)]
async fn a_full_queue_returns_overloaded_and_a_retry_succeeds(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let inputs = inputs(&app, &workshop).await;
    let small = LaneSettings { lanes: 1, queue: 1, batch: 1 };
    let BusyLane { app: small, held } = BusyLane::start(&app, Options { lanes: small, ..Options::default() }).await;
    let registering = join_all(inputs.iter().map(|input| small.register_with(&workshop, input)));
    let releasing = async {
        let refused = "atelier_commands_total{command=\"registerGuest\",outcome=\"overloaded\"}";
        small.wait_for_count(refused, 5).await;
        held.rollback().await;
    };
    let (answers, ()) = tokio::join!(registering, releasing);
    let (overloaded, settled): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status != StatusCode::OK);
    assert_eq!(settled.len(), 1, "the one for which the queue had room");
    for answer in overloaded {
        assert_eq!((answer.status, answer.error_code()), (StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED"));
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    for input in &inputs {
        let again = small.register_with(&workshop, input).await;
        assert!(["Registration", "AlreadyRegistered"].contains(&again.field()["__typename"].as_str().unwrap()));
    }
    assert_eq!(app.database.number("SELECT SUM(seats_taken) FROM workshops").await, 6);
}

/// Options with a short lock timeout.
fn short_lock_timeout() -> Options {
    let lanes = LaneSettings { lanes: 1, ..LaneSettings::default() };
    Options { lock_timeout: Duration::from_millis(200), lanes, ..Options::default() }
}

#[apply(on_each_database)]
async fn a_locked_database_returns_service_unavailable(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let input = app.input(&workshop, "ann").await;
    let app = app.another_with_options(short_lock_timeout()).await;
    let held = app.database.block_writes().await;
    let answer = app.register_with(&workshop, &input).await;
    assert_eq!((answer.status, answer.error_code()), (StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE"));
    held.rollback().await;
    app.register_with(&workshop, &input).await.registration();
}

#[apply(on_each_database)]
async fn a_command_that_waited_too_long_in_a_lane_is_refused(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let inputs = inputs(&app, &workshop).await;
    let late = app.input(&workshop, "gus").await;
    let acquire_timeout = Duration::from_millis(500);
    let other = Options { lock_timeout: acquire_timeout * 2, ..Options::default() };
    let other = app.another_with_options(other).await;
    let BusyLane { app: server, held } = BusyLane::start(&app, Options { acquire_timeout, ..Options::default() }).await;
    let registering = join_all(inputs.iter().map(|input| server.register_with(&workshop, input)));
    let releasing = async {
        server.wait_for_count(QUEUE_DEPTH, 6).await;
        // When another server gives up, the commands in the queue have waited for longer than their timeout.
        let given_up = other.register_with(&workshop, &late).await;
        assert_eq!(given_up.error_code(), "SERVICE_UNAVAILABLE");
        held.rollback().await;
    };
    let (answers, ()) = tokio::join!(registering, releasing);
    assert!(answers.iter().all(|answer| answer.error_code() == "OVERLOADED"));
    assert_eq!(app.database.number("SELECT COUNT(*) FROM registrations").await, 0);
}

// SQLite has no connection to a server that could be lost.
#[apply(on_postgres)]
async fn lost_connections_are_replaced_without_an_error(app: TestApp) {
    let (workshop, app) = (app.given(a_workshop()).await, app.another().await);
    let inputs = inputs(&app, &workshop).await;
    // Opens several connections.
    join_all((0..10).map(|_| app.query("{ workshops { totalCount } }"))).await;
    let kill = "SELECT COUNT(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'atelier' AND pid <> pg_backend_pid()) AS all_killed";
    assert!(app.database.number(kill).await > 1);
    for input in &inputs {
        app.register_with(&workshop, input).await.registration();
    }
    assert!(app.database.number(kill).await > 0);
    let center = r#"mutation { createCenter(input: { name: "Here", timeZone: "Europe/Berlin" }) { __typename } }"#;
    assert_eq!(app.query(center).await["__typename"], "Center");
}

#[apply(on_each_database)]
async fn queued_commands_are_committed_before_the_store_closes(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let input = app.input(&workshop, "ann").await;
    let BusyLane { app, held } = BusyLane::start(&app, Options::default()).await;
    let registering = app.register_with(&workshop, &input);
    let closing = async {
        app.wait_for_count(QUEUE_DEPTH, 1).await;
        tokio::join!(app.store.close(), held.rollback())
    };
    // The response is read after the commit, when the store may already be closed. Only the row counts.
    tokio::join!(registering, closing);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM registrations").await, 1);
}

// SQLite has one writer: a lock on one workshop locks all of them.
#[apply(on_postgres)]
async fn a_locked_workshop_does_not_block_other_workshops(app: TestApp) {
    let (held, free) = (app.given(a_workshop()).await, app.given(a_workshop()).await);
    let mut inputs = Vec::new();
    for guest in GUESTS {
        for workshop in [&held, &free] {
            inputs.push((workshop, app.input(workshop, guest).await));
        }
    }
    let app = app.another_with_options(short_lock_timeout()).await;
    let holding = app.database.lock_workshop(&held).await;
    let answers = join_all(inputs.iter().map(|(workshop, input)| app.register_with(workshop, input))).await;
    for ((workshop, _), answer) in inputs.iter().zip(&answers) {
        if workshop.id == held.id {
            assert_eq!(answer.error_code(), "SERVICE_UNAVAILABLE");
        } else {
            assert_eq!(answer.registration()["status"], "REGISTERED");
        }
    }
    holding.rollback().await;
}

#[apply(on_each_database)]
async fn a_registration_takes_few_statements_and_a_refusal_writes_nothing(app: TestApp) {
    const MUTATION: &str = "mutation ($workshopId: ID!, $input: RegisterGuestInput!) {
        registerGuest(workshopId: $workshopId, input: $input) {
            __typename ... on Registration { id status registeredAt } ... on Problem { code } } }";
    let workshop = app.given(a_workshop()).await;
    let variables = json!({ "workshopId": workshop.id, "input": app.input(&workshop, "ann").await });
    let ask = async || app.statements(app.graphql(MUTATION, &variables)).await;
    let (statements, answer) = ask().await;
    assert_eq!(answer.registration()["status"], "REGISTERED");
    // Two reads: the workshop, and the rows for the decision. The writes are a registration, two counters and a journal
    // entry, which PostgreSQL gets as one statement. The response needs no further read.
    assert_eq!(statements, if app.backend() == Backend::Postgres { 3 } else { 6 });
    let (statements, answer) = ask().await;
    assert_eq!(answer.field()["__typename"], "AlreadyRegistered");
    assert_eq!(statements, 2);
}
