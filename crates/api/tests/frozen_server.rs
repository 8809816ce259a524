//! A server freezes while it changes workshops. Another server on the same PostgreSQL continues with all other workshops,
//! and with these as soon as PostgreSQL has ended the sessions of the frozen server.
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

/// The workshops that the frozen server holds: one more than another server waits for at the same time.
const HELD_WORKSHOPS: usize = 5;
/// The edits of one of them.
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
fn a_frozen_server_delays_only_the_workshops_that_it_changes() {
    run_on(Backend::Postgres, freeze_a_server);
}

async fn freeze_a_server(app: TestApp) {
    let (mut held, mut others) = (Vec::new(), Vec::new());
    for _ in 0..HELD_WORKSHOPS {
        held.push(app.given(a_workshop().window(None, None)).await);
    }
    for _ in 0..OTHER_WORKSHOPS {
        others.push(app.given(a_workshop().window(None, None)).await);
    }
    let guests = create_guests(&app, 4).await;
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

    // Edits of all but the last workshop wait for these transactions. They are in flight when the server freezes.
    let (registered, edited) = held.split_last().unwrap();
    let mut holding = Vec::new();
    for workshop in edited {
        holding.push(app.database.lock_workshop(workshop).await);
    }
    let mut requests = JoinSet::new();
    let mut send = |body: Value| {
        let (address, key) = (frozen.address.clone(), key.clone());
        requests.spawn(async move { post(&address, &key, &body).await.0 });
    };
    for number in 0..EDITS {
        send(edit_request(&edited[0], &format!("Edit {number}")));
    }
    edited[1..].iter().for_each(|workshop| send(edit_request(workshop, "An edit")));
    let metrics = metrics_address(&log).unwrap();
    let in_flight = format!("\natelier_operations_in_flight {}\n", EDITS + edited.len() - 1);
    wait_until(async || binary::get(&metrics, "/metrics", &metrics).contains(&in_flight)).await;
    app.database.wait_for_lock_waiters(4).await;
    // Meanwhile the server continues with other workshops, so that its edits have had time to reach the database.
    for other in &others {
        let (response, _) = post(&frozen.address, &key, &registration_request(other, &guests[0])).await;
        assert_eq!(kind(&response), "Registration");
    }
    // A lane has the last workshop, and waits for the guest.
    let guest = guests[3].parse::<domain::GuestId>().unwrap().uuid();
    holding.push(app.database.transaction(&format!("SELECT id FROM guests WHERE id = '{guest}' FOR UPDATE")).await);
    send(registration_request(registered, &guests[3]));
    app.database.wait_for_lock_waiters(5).await;
    frozen.signal("STOP");
    for transaction in holding {
        transaction.rollback().await;
    }
    let frozen_sessions = format!(
        "SELECT CAST(COUNT(*) = {HELD_WORKSHOPS} AS INTEGER)::bigint FROM pg_stat_activity \
         WHERE datname = current_database() AND application_name = 'atelier' \
         AND state = 'idle in transaction' AND backend_xid IS NOT NULL"
    );
    app.database.wait_for(&frozen_sessions).await;

    let held_work: Vec<_> = held.iter().map(|workshop| (workshop, HELD_LIMIT)).collect();
    let ((slowest, mut failures), (slowest_held, held_failures)) = tokio::join!(
        send_all(&healthy, &key, &other_work, &guests[2]),
        send_all(&healthy, &key, &held_work, &guests[2])
    );
    failures.extend(held_failures);
    println!("other workshops: {slowest:?} at most; the held workshops: {slowest_held:?}");
    assert!(failures.is_empty(), "{failures:#?}");

    // The resumed server finishes or refuses each of its requests.
    frozen.signal("CONT");
    let mut edits = 0;
    while let Some(request) =
        timeout(HELD_LIMIT, requests.join_next()).await.expect("each request has an outcome in time")
    {
        let response = request.unwrap();
        match response.status {
            200 => edits += i64::from(kind(&response) == "UpdateWorkshopSuccess"),
            _ => assert!(response.is_retryable(), "{response:?}"),
        }
    }
    let ids = held.iter().map(|workshop| format!("'{}'", workshop.id.parse::<domain::WorkshopId>().unwrap().uuid()));
    let ids = ids.collect::<Vec<_>>().join(", ");
    let versions = format!("SELECT CAST(SUM(version - 2) AS BIGINT) FROM workshops WHERE id IN ({ids})");
    assert_eq!(app.database.number(&versions).await, edits, "each has one edit of the healthy server, and these");
    let doctor = run(&["doctor", "--database-url", &app.database.url]);
    assert!(doctor.status.success(), "{}{}", text(&doctor.stdout), text(&doctor.stderr));
}
