//! What the lanes promise when something breaks.

use std::time::Duration;

use axum::http::StatusCode;
use futures_util::future::join_all;
use macro_rules_attribute::apply;
use persistence::{LaneSettings, Options};
use serde_json::json;
use tests::{Answer, Backend, TestApp, Workshop, a_workshop, on_each_database};

const GUESTS: [&str; 6] = ["ann", "bob", "cem", "dan", "eva", "fay"];

/// Sends a request of each guest while nobody can write, so that they queue; then lets them be settled.
async fn queue_up(app: &TestApp, workshop: &Workshop, meanwhile: impl FnOnce()) -> Vec<Answer> {
    let mut inputs = Vec::new();
    for guest in GUESTS {
        inputs.push(app.input(workshop, guest).await);
    }
    let held = app.database.hold().await;
    let registering = join_all(inputs.iter().map(|input| app.register_with(workshop, input)));
    let letting_go = async {
        meanwhile();
        // The requests have had their turn, as far as they come.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        held.let_go().await;
    };
    tokio::join!(registering, letting_go).0
}

#[apply(on_each_database)]
async fn a_bad_command_does_not_fail_its_neighbours(app: TestApp) {
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
    let answers = queue_up(&app, &workshop, || ()).await;
    for (guest, answer) in GUESTS.iter().zip(&answers) {
        match *guest {
            "cem" => assert_eq!(answer.error_code(), "INTERNAL_SERVER_ERROR"),
            _ => assert_eq!(answer.registration()["status"], "REGISTERED"),
        }
    }
    assert_eq!(app.database.number("SELECT SUM(seats_taken) FROM workshops").await, 5);
}

#[apply(on_each_database)]
async fn a_rule_that_panics_does_not_fail_its_neighbours(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let answers = queue_up(&app, &workshop, || app.time.break_once()).await;
    // Only the first batch looked at the broken clock; each of its commands was then tried alone.
    assert!(answers.iter().all(|answer| answer.registration()["status"] == "REGISTERED"));
}

#[apply(on_each_database)]
async fn a_full_queue_is_overload_and_can_be_tried_again(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let small = LaneSettings { lanes: 1, queue: 1, batch: 1 };
    let small = app.another_with(Options { lanes: small, ..Options::default() }).await;
    let answers = queue_up(&small, &workshop, || ()).await;
    let (overloaded, settled): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status != StatusCode::OK);
    // One in the hands of the lane, and one behind it.
    assert!((1..=2).contains(&settled.len()), "{} settled", settled.len());
    for answer in overloaded {
        assert_eq!((answer.status, answer.error_code()), (StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED"));
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    for guest in GUESTS {
        let again = small.register(&workshop, guest).await;
        assert!(["Registration", "AlreadyRegistered"].contains(&again.field()["__typename"].as_str().unwrap()));
    }
    assert_eq!(app.database.number("SELECT SUM(seats_taken) FROM workshops").await, 6);
}

/// Waits only a moment for what somebody else holds.
fn impatient() -> Options {
    let lanes = LaneSettings { lanes: 1, ..LaneSettings::default() };
    Options { lock_timeout: Duration::from_millis(200), lanes, ..Options::default() }
}

#[apply(on_each_database)]
async fn a_database_that_somebody_else_holds_is_no_fault_of_ours(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let input = app.input(&workshop, "ann").await;
    let app = app.another_with(impatient()).await;
    let held = app.database.hold().await;
    let answer = app.register_with(&workshop, &input).await;
    assert_eq!((answer.status, answer.error_code()), (StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE"));
    held.let_go().await;
    app.register_with(&workshop, &input).await.registration();
}

#[apply(on_each_database)]
async fn what_has_waited_too_long_in_a_lane_is_refused_and_not_settled(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let one_by_one = LaneSettings { lanes: 1, batch: 1, ..LaneSettings::default() };
    let options = Options { lanes: one_by_one, acquire_timeout: Duration::from_millis(200), ..Options::default() };
    let app = app.another_with(options).await;
    let mut inputs = Vec::new();
    for guest in GUESTS {
        inputs.push(app.input(&workshop, guest).await);
    }
    let held = app.database.hold().await;
    let registering = join_all(inputs.iter().map(|input| app.register_with(&workshop, input)));
    let letting_go = async {
        tokio::time::sleep_until(tokio::time::Instant::now() + Duration::from_millis(400)).await;
        held.let_go().await;
    };
    let (answers, ()) = tokio::join!(registering, letting_go);
    let (refused, settled): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status != StatusCode::OK);
    assert_eq!(settled.len(), 1, "the one that was in the hands of the lane");
    assert!(refused.iter().all(|answer| answer.error_code() == "OVERLOADED"));
    assert_eq!(app.database.number("SELECT COUNT(*) FROM registrations").await, 1);
}

#[apply(on_each_database)]
async fn connections_that_died_are_exchanged_before_anybody_hears_of_it(app: TestApp) {
    if app.backend() == Backend::Sqlite {
        // A file does not go away.
        return;
    }
    let (workshop, app) = (app.given(a_workshop()).await, app.another().await);
    let mut inputs = Vec::new();
    for guest in GUESTS {
        inputs.push(app.input(&workshop, guest).await);
    }
    // So that there are many.
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
async fn what_is_queued_is_settled_before_the_store_closes(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let input = app.input(&workshop, "ann").await;
    let held = app.database.hold().await;
    let registering = app.register_with(&workshop, &input);
    let closing = async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        tokio::join!(app.store.close(), held.let_go())
    };
    // The registration is read after it was settled, when the store may be closed already; that it is there counts.
    tokio::join!(registering, closing);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM registrations").await, 1);
}

#[apply(on_each_database)]
async fn a_workshop_that_somebody_else_holds_does_not_keep_the_others(app: TestApp) {
    if app.backend() == Backend::Sqlite {
        // It has one writer: who holds anything holds everything.
        return;
    }
    let (held, free) = (app.given(a_workshop()).await, app.given(a_workshop()).await);
    let mut inputs = Vec::new();
    for guest in GUESTS {
        for workshop in [&held, &free] {
            inputs.push((workshop, app.input(workshop, guest).await));
        }
    }
    let app = app.another_with(impatient()).await;
    let holding = app.database.keep(&held).await;
    let answers = join_all(inputs.iter().map(|(workshop, input)| app.register_with(workshop, input))).await;
    for ((workshop, _), answer) in inputs.iter().zip(&answers) {
        if workshop.id == held.id {
            assert_eq!(answer.error_code(), "SERVICE_UNAVAILABLE");
        } else {
            assert_eq!(answer.registration()["status"], "REGISTERED");
        }
    }
    holding.let_go().await;
}

#[apply(on_each_database)]
async fn a_registration_takes_few_statements_and_a_refusal_no_write(app: TestApp) {
    const MUTATION: &str = "mutation ($workshopId: ID!, $input: RegisterGuestInput!) {
        registerGuest(workshopId: $workshopId, input: $input) {
            __typename ... on Registration { id status registeredAt } ... on Problem { code } } }";
    let workshop = app.given(a_workshop()).await;
    let variables = json!({ "workshopId": workshop.id, "input": app.input(&workshop, "ann").await });
    let ask = async || app.statements(app.graphql(MUTATION, &variables)).await;
    let (statements, answer) = ask().await;
    assert_eq!(answer.registration()["status"], "REGISTERED");
    // The workshop, and what is known of it and of the guest; then a registration, two counters and the journal, which
    // PostgreSQL gets as one. The answer is what was decided.
    assert_eq!(statements, if app.backend() == Backend::Postgres { 3 } else { 6 });
    let (statements, answer) = ask().await;
    assert_eq!(answer.field()["__typename"], "AlreadyRegistered");
    assert_eq!(statements, 2);
}
