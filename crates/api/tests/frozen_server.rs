//! A server freezes while it edits a workshop. Another server on the same PostgreSQL continues with all other workshops,
//! and with this one as soon as PostgreSQL has ended the session of the frozen server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod binary;

use std::{fs::File, time::Duration};

use binary::{
    Connection, Response, Server, create_guests, metrics_address, registration_request, run, text, wait_until,
};
use serde_json::{Value, json};
use tests::{ApiKey, Backend, TestApp, Workshop, a_workshop, admin, in_time, run_on};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};

const EDITS: usize = 8;
const OTHER_WORKSHOPS: usize = 8;
/// The default of `--database-timeout`, and one second for the work itself.
const HELD_LIMIT: Duration = Duration::from_secs(6);
const OTHER_LIMIT: Duration = Duration::from_secs(1);

const EDIT: &str = "mutation ($id: ID!, $input: UpdateWorkshopInput!) {
    updateWorkshop(workshopId: $id, input: $input) { __typename } }";

fn edit_request(workshop: &Workshop, title: &str) -> Value {
    json!({ "query": EDIT, "variables": { "id": workshop.id, "input": { "title": title } } })
}

/// Sends a request on a new connection, and returns the response and the time that it took.
async fn post(address: &str, key: &ApiKey, body: &Value) -> (Response, Duration) {
    let begun = Instant::now();
    let mut connection = Connection::open(address).await.unwrap();
    let response = in_time(connection.post(key, body)).await.unwrap();
    (response, begun.elapsed())
}

/// The name of the result's type.
fn kind(response: &Response) -> &str {
    response.root_field()["__typename"].as_str().unwrap()
}

/// Registers this guest for each workshop and edits it, all at the same time. Returns the slowest response, and a line for
/// each request that failed or took longer than the limit of its workshop.
async fn send_all(
    server: &Server,
    key: &ApiKey,
    work: &[(&Workshop, Duration)],
    guest: &str,
) -> (Duration, Vec<String>) {
    let mut requests = JoinSet::new();
    for (workshop, limit) in work {
        for (body, success) in [
            (registration_request(workshop, guest), "Registration"),
            (edit_request(workshop, "Edited"), "UpdateWorkshopSuccess"),
        ] {
            let (address, key, limit) = (server.address.clone(), key.clone(), *limit);
            requests.spawn(async move { (post(&address, &key, &body).await, success, limit) });
        }
    }
    let (mut slowest, mut failures) = (Duration::ZERO, Vec::new());
    while let Some(request) = requests.join_next().await {
        let ((response, elapsed), success, limit) = request.unwrap();
        slowest = elapsed.max(slowest);
        if response.status != 200 || kind(&response) != success || elapsed > limit {
            failures.push(format!("{success} after {elapsed:?} of {limit:?}: {} {}", response.status, response.body));
        }
    }
    (slowest, failures)
}

#[test]
fn a_frozen_server_delays_only_the_workshop_that_it_edits() {
    run_on(Backend::Postgres, freeze_a_server);
}

async fn freeze_a_server(app: TestApp) {
    let held = app.given(a_workshop().window(None, None)).await;
    let mut others = Vec::new();
    for _ in 0..OTHER_WORKSHOPS {
        others.push(app.given(a_workshop().window(None, None)).await);
    }
    let guests = create_guests(&app, 3).await;
    let key = app.key(admin()).await;
    app.store.close().await;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let arguments = ["serve", "--database-url", &app.database.url, "--rate-limit", "0", "--metrics-listen"];
    let frozen = [&arguments[..], &["127.0.0.1:0", "--log-format", "json"]].concat();
    let frozen = Server::start_with_log(&frozen, File::create(&log).unwrap());
    let healthy = Server::start(&[&arguments[..], &["off"]].concat());

    // Both servers have worked before: their connections are open.
    let other_work: Vec<_> = others.iter().map(|other| (other, OTHER_LIMIT)).collect();
    let unlimited: Vec<_> = others.iter().map(|other| (other, Duration::MAX)).collect();
    for (server, guest) in [(&frozen, &guests[0]), (&healthy, &guests[1])] {
        assert_eq!(send_all(server, &key, &unlimited, guest).await.1, [""; 0]);
    }

    // The edits wait for this transaction. Then they are in flight when the server freezes.
    let holding = app.database.lock_workshop(&held).await;
    let mut edits = JoinSet::new();
    for number in 0..EDITS {
        let (address, key) = (frozen.address.clone(), key.clone());
        let body = edit_request(&held, &format!("Edit {number}"));
        edits.spawn(async move { post(&address, &key, &body).await.0 });
    }
    let metrics = metrics_address(&log).unwrap();
    let in_flight = format!("\natelier_operations_in_flight {EDITS}\n");
    wait_until(async || binary::get(&metrics, "/metrics", &metrics).contains(&in_flight)).await;
    app.database.wait_for_lock_waiters(1).await;
    // Meanwhile the server continues with other workshops, so that its edits have had time to reach the database.
    for other in &others {
        let (response, _) = post(&frozen.address, &key, &registration_request(other, &guests[0])).await;
        assert_eq!(kind(&response), "Registration");
    }
    frozen.signal("STOP");
    holding.rollback().await;
    app.database
        .wait_for(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'atelier' \
             AND state = 'idle in transaction' AND backend_xid IS NOT NULL",
        )
        .await;

    let held_work = [(&held, HELD_LIMIT)];
    let ((slowest, mut failures), (slowest_held, held_failures)) = tokio::join!(
        send_all(&healthy, &key, &other_work, &guests[2]),
        send_all(&healthy, &key, &held_work, &guests[2])
    );
    failures.extend(held_failures);
    println!("other workshops: {slowest:?} at most; the held workshop: {slowest_held:?}");
    assert!(failures.is_empty(), "{failures:#?}");

    // The resumed server finishes or refuses each of its edits.
    frozen.signal("CONT");
    let mut edited = 0;
    while let Some(edit) = timeout(HELD_LIMIT, edits.join_next()).await.expect("each edit has an outcome in time") {
        let response = edit.unwrap();
        match response.status {
            200 => edited += i64::from(kind(&response) == "UpdateWorkshopSuccess"),
            _ => assert!(response.is_retryable(), "{response:?}"),
        }
    }
    let held = held.id.parse::<domain::WorkshopId>().unwrap().uuid();
    let version = format!("SELECT CAST(version AS BIGINT) FROM workshops WHERE id = '{held}'");
    assert_eq!(app.database.number(&version).await, 2 + edited, "the edit at the healthy server, and these");
    let doctor = run(&["doctor", "--database-url", &app.database.url]);
    assert!(doctor.status.success(), "{}{}", text(&doctor.stdout), text(&doctor.stderr));
}
