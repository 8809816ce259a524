//! Concurrent requests: exact counts, no faults, and counters that match the rows.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, Backend, REGISTER, TestApp, Workshop, a_workshop, on_each_database};

/// The servers that get the requests: two if the database supports two.
pub(crate) async fn servers(app: TestApp) -> Vec<TestApp> {
    match app.backend() {
        Backend::Sqlite => vec![app],
        Backend::Postgres => vec![app.another().await, app],
    }
}

/// Sends all inputs concurrently, each from its own task and to each server in turn.
pub(crate) async fn send_concurrently(
    servers: &[TestApp],
    workshop: &Workshop,
    inputs: impl IntoIterator<Item = Value>,
) -> Vec<Answer> {
    let tasks: Vec<_> = inputs
        .into_iter()
        .zip(servers.iter().cycle())
        .map(|(input, server)| {
            let client = server.client();
            let variables = json!({ "workshopId": workshop.id, "input": input });
            tokio::spawn(async move { client.graphql(REGISTER, &variables).await })
        })
        .collect();
    join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}

fn outcomes(answers: &[Answer]) -> BTreeMap<String, usize> {
    let mut outcomes = BTreeMap::new();
    for answer in answers {
        let field = answer.field();
        let outcome = if field["__typename"] == "Registration" { &field["status"] } else { &field["__typename"] };
        *outcomes.entry(outcome.as_str().unwrap().to_owned()).or_default() += 1;
    }
    outcomes
}

/// Asserts that the counters of all workshops and tracks match the rows, and that every registration has a journal entry.
async fn assert_counters_equal_rows(app: &TestApp) {
    for disagreeing in [
        "SELECT COUNT(*) FROM workshops w WHERE seats_taken <> (SELECT COUNT(*) FROM registrations r \
         WHERE r.workshop_id = w.id AND r.status IN (0, 2, 3, 7))",
        "SELECT COUNT(*) FROM workshops w WHERE waitlist_length <> (SELECT COUNT(*) FROM registrations r \
         WHERE r.workshop_id = w.id AND r.status = 4)",
        "SELECT COUNT(*) FROM workshops w WHERE next_waitlist_number <> 1 + (SELECT COALESCE(MAX(waitlist_number), 0) \
         FROM registrations r WHERE r.workshop_id = w.id)",
        "SELECT COUNT(*) FROM tracks t WHERE seats_taken <> (SELECT COUNT(*) FROM registrations r \
         WHERE r.track_id = t.id AND r.status IN (0, 2, 3, 7))",
        "SELECT COUNT(*) FROM registrations r WHERE 1 <> (SELECT COUNT(*) FROM journal j \
         WHERE j.registration_id = r.id AND j.status_after = r.status)",
        "SELECT (SELECT COUNT(*) FROM journal) - (SELECT COUNT(*) FROM registrations)",
    ] {
        assert_eq!(app.database.number(disagreeing).await, 0, "{disagreeing}");
    }
}

#[apply(on_each_database)]
async fn two_hundred_concurrent_guests_fill_twenty_seats(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(20)).await;
    let names: Vec<_> = (0..200).map(|number| format!("guest {number}")).collect();
    let guests = app.guests(&names).await;
    let servers = servers(app).await;
    let input = |guest| json!({ "trackId": workshop.tracks[0], "guestId": guest, "centerId": workshop.center });
    let answers = send_concurrently(&servers, &workshop, guests.iter().map(input)).await;
    assert_eq!(
        outcomes(&answers),
        BTreeMap::from([("REGISTERED".to_owned(), 20), ("CapacityExceeded".to_owned(), 180)])
    );
    assert_counters_equal_rows(&servers[0]).await;
}

#[apply(on_each_database)]
async fn concurrent_waitlist_requests_get_every_position_once(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(20).waitlist_limit(50)).await;
    let names: Vec<_> = (0..100).map(|number| format!("guest {number}")).collect();
    let guests = app.guests(&names).await;
    let servers = servers(app).await;
    let input = |guest| json!({ "trackId": workshop.tracks[0], "guestId": guest, "centerId": workshop.center, "waitlist": true });
    let answers = send_concurrently(&servers, &workshop, guests.iter().map(input)).await;
    assert_eq!(outcomes(&answers), BTreeMap::from([("WAITLISTED".to_owned(), 50), ("WaitlistNotOpen".to_owned(), 50)]));
    assert_counters_equal_rows(&servers[0]).await;

    let page = format!(
        r#"{{ workshop(id: "{}") {{ registrations(first: 100) {{ nodes {{ waitlistPosition }} }} }} }}"#,
        workshop.id
    );
    let listed = servers[0].query(&page).await;
    let nodes = listed["registrations"]["nodes"].as_array().unwrap();
    let positions: BTreeSet<_> = nodes.iter().map(|node| node["waitlistPosition"].as_i64().unwrap()).collect();
    assert_eq!(positions, (1..=50).collect());
}

#[apply(on_each_database)]
async fn one_guest_registering_fifty_times_gets_one_registration(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let input = app.input(&workshop, "ann").await;
    let servers = servers(app).await;
    let answers = send_concurrently(&servers, &workshop, vec![input; 50]).await;
    assert_eq!(
        outcomes(&answers),
        BTreeMap::from([("REGISTERED".to_owned(), 1), ("AlreadyRegistered".to_owned(), 49)])
    );
    assert_counters_equal_rows(&servers[0]).await;
}

#[apply(on_each_database)]
async fn one_key_used_fifty_times_returns_the_same_response(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let mut input = app.input(&workshop, "ann").await;
    input["idempotencyKey"] = "one".into();
    let servers = servers(app).await;
    let answers = send_concurrently(&servers, &workshop, vec![input; 50]).await;
    let first = answers[0].registration();
    assert!(answers.iter().all(|answer| answer.registration() == first));
    assert_counters_equal_rows(&servers[0]).await;
    assert_eq!(servers[0].database.number("SELECT COUNT(*) FROM registrations").await, 1);
}

#[apply(on_each_database)]
async fn one_key_for_several_workshops_is_accepted_once(app: TestApp) {
    // Different lanes can commit the workshops at the same time, with one key.
    let mut workshops = Vec::new();
    for _ in 0..8 {
        workshops.push(app.given(a_workshop()).await);
    }
    let mut inputs = Vec::new();
    for workshop in &workshops {
        let mut input = app.input(workshop, "ann").await;
        input["idempotencyKey"] = "one".into();
        inputs.push((workshop.clone(), input));
    }
    let servers = servers(app).await;
    let attempts = inputs.iter().zip(servers.iter().cycle());
    let requests = attempts
        .map(|((workshop, input), server)| send_concurrently(std::slice::from_ref(server), workshop, [input.clone()]));
    let answers: Vec<_> = join_all(requests).await.into_iter().flatten().collect();
    assert_eq!(
        outcomes(&answers),
        BTreeMap::from([("REGISTERED".to_owned(), 1), ("IdempotencyKeyReused".to_owned(), 7)])
    );
    assert_counters_equal_rows(&servers[0]).await;
}
