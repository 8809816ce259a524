//! Edits during registrations: exact counts and no findings of the doctor.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, REGISTER, TestApp, a_workshop, on_each_database};

use super::{assert_consistent, document};
use crate::concurrency::servers;

/// Sends requests concurrently, each from its own task and to each server in turn.
async fn send_concurrently(servers: &[TestApp], requests: Vec<(String, Value)>) -> Vec<Answer> {
    let tasks: Vec<_> = requests
        .into_iter()
        .zip(servers.iter().cycle())
        .map(|((query, variables), server)| {
            let client = server.client();
            tokio::spawn(async move { client.graphql(&query, &variables).await })
        })
        .collect();
    join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}

fn count_types(answers: &[Answer]) -> BTreeMap<&str, i64> {
    let mut tally = BTreeMap::new();
    for answer in answers {
        *tally.entry(answer.field()["__typename"].as_str().unwrap()).or_default() += 1;
    }
    tally
}

#[apply(on_each_database)]
async fn a_capacity_lowered_during_registrations_is_never_exceeded(app: TestApp) {
    let there = app.given(a_workshop().capacity(40)).await;
    let names: Vec<_> = (0..60).map(|number| format!("guest {number}")).collect();
    let guests = app.guests(&names).await;
    let servers = servers(app).await;
    let mut requests: Vec<_> = guests
        .iter()
        .map(|guest| {
            let input = json!({ "trackId": there.tracks[0], "guestId": guest, "centerId": there.center });
            (REGISTER.to_owned(), json!({ "workshopId": there.id, "input": input }))
        })
        .collect();
    for place in 0..10 {
        let edit = json!({ "id": there.id, "input": { "capacity": 20 } });
        requests.insert(place * 6, (document("updateWorkshop"), edit));
    }
    let answers = send_concurrently(&servers, requests).await;
    let tally = count_types(&answers);
    let database = &servers[0].database;
    let (capacity, taken) = (
        database.number("SELECT CAST(capacity AS BIGINT) FROM workshops").await,
        database.number("SELECT CAST(seats_taken AS BIGINT) FROM workshops").await,
    );
    assert_eq!(tally["Registration"], taken, "{tally:?}");
    // The edit succeeded before more than twenty guests had registered, or never. More guests came than seats in both
    // cases.
    assert!([20, 40].contains(&capacity), "{capacity}");
    assert_eq!(taken, capacity, "{tally:?}");
    assert_eq!(tally["CapacityExceeded"], 60 - taken, "{tally:?}");
    assert_eq!(tally.values().sum::<i64>(), 70, "{tally:?}");
    assert_consistent(&servers[0]).await;
}

#[apply(on_each_database)]
async fn concurrent_edits_each_raise_the_version_and_one_of_the_same_version_succeeds(app: TestApp) {
    let there = app.given(a_workshop()).await;
    let servers = servers(app).await;
    let edit = |number: i32, expected: Option<i32>| {
        let input = json!({ "title": format!("Title {number}"), "expectedVersion": expected });
        (document("updateWorkshop"), json!({ "id": there.id, "input": input }))
    };
    let blind = send_concurrently(&servers, (0..10).map(|number| edit(number, None)).collect()).await;
    assert_eq!(count_types(&blind), BTreeMap::from([("UpdateWorkshopSuccess", 10)]));
    let version = "SELECT CAST(version AS BIGINT) FROM workshops";
    assert_eq!(servers[0].database.number(version).await, 11);
    let careful = send_concurrently(&servers, (10..20).map(|number| edit(number, Some(11))).collect()).await;
    assert_eq!(count_types(&careful), BTreeMap::from([("UpdateWorkshopSuccess", 1), ("VersionConflict", 9)]));
}

#[apply(on_each_database)]
async fn concurrent_creates_with_one_key_or_external_id_create_one_workshop(app: TestApp) {
    let servers = servers(app).await;
    let create = |input: Value| (document("createWorkshop"), json!({ "input": input }));
    let keyed = json!({ "title": "Clay", "idempotencyKey": "one" });
    let answers = send_concurrently(&servers, vec![create(keyed); 10]).await;
    assert!(answers.iter().all(|answer| answer.field()["id"] == answers[0].field()["id"]));
    let named = json!({ "title": "Wood", "externalId": "shop-1" });
    let answers = send_concurrently(&servers, vec![create(named); 10]).await;
    assert_eq!(count_types(&answers), BTreeMap::from([("Workshop", 1), ("ExternalIdTaken", 9)]));
    assert_eq!(servers[0].database.number("SELECT COUNT(*) FROM workshops").await, 2);
}

#[apply(on_each_database)]
async fn registrations_during_a_cancellation_are_released_or_refused(app: TestApp) {
    let there = app.given(a_workshop().capacity(20)).await;
    let names: Vec<_> = (0..40).map(|number| format!("guest {number}")).collect();
    let guests = app.guests(&names).await;
    let servers = servers(app).await;
    let mut requests: Vec<_> = guests
        .iter()
        .enumerate()
        .map(|(number, guest)| {
            let waitlist = number % 2 == 1;
            let input =
                json!({ "trackId": there.tracks[0], "guestId": guest, "centerId": there.center, "waitlist": waitlist });
            (REGISTER.to_owned(), json!({ "workshopId": there.id, "input": input }))
        })
        .collect();
    requests.insert(20, (document("cancelWorkshop"), json!({ "id": there.id, "input": null })));
    let answers = send_concurrently(&servers, requests).await;
    let released: Vec<_> = answers.iter().filter_map(|answer| answer.field()["released"].as_i64()).collect();
    assert_eq!(released, [count_types(&answers).get("Registration").copied().unwrap_or(0)]);
    let database = &servers[0].database;
    assert_eq!(database.number("SELECT COUNT(*) FROM registrations WHERE status <> 6").await, 0);
    assert_eq!(database.number("SELECT CAST(seats_taken + waitlist_length AS BIGINT) FROM workshops").await, 0);
    assert_consistent(&servers[0]).await;
}
