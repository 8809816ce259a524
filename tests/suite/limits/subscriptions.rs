//! The cost of a subscription, and the bytes that it keeps.

use api::{Limits, RateLimits};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Socket, TestApp, a_workshop, admin, at, in_time, on_each_database, staff_of};

use crate::subscriptions::wait_for_followers;

const SEATS: &str = "subscription ($id: ID!) { workshopSeats(workshopId: $id) { seatsTaken } }";

/// A server with a budget of 1,000 for each client, which refills by 60 a minute.
async fn rate_limited(app: &TestApp) -> TestApp {
    let rate = RateLimits { per_minute: 60, burst: 1_000 };
    app.another_with_clock_ticks(Limits { rate, ..Limits::default() }).await
}

/// The rest of the budget, before this query, which costs one.
async fn remaining(app: &TestApp) -> u64 {
    let answer = app.graphql("{ __typename }", &Value::Null).await;
    answer.body["extensions"]["cost"]["remaining"].as_u64().unwrap() + 1
}

#[apply(on_each_database)]
async fn each_response_of_a_subscription_is_charged(app: TestApp) {
    let (unlimited, app) = (&app, rate_limited(&app).await);
    let workshop = unlimited.given(a_workshop()).await;
    let mut events = app.subscribe(SEATS, &json!({ "id": workshop.id })).await;
    let first = events.answer().await;
    // One for the field and five for the statement. The first response is paid with it.
    assert_eq!(first["extensions"]["cost"], json!({ "requested": 6, "limit": 20_000, "remaining": 994 }));
    for (taken, guest) in ["ann", "bob", "eve"].iter().enumerate() {
        unlimited.register(&workshop, guest).await.registration();
        let next = events.answer().await;
        assert_eq!(next["data"]["workshopSeats"]["seatsTaken"], taken + 1);
        assert_eq!(next.get("extensions"), None, "only the first response reports the cost");
    }
    assert_eq!(remaining(&app).await, 991);
}

#[apply(on_each_database)]
async fn a_subscription_pauses_while_the_budget_is_used_up(app: TestApp) {
    let (unlimited, app) = (&app, rate_limited(&app).await);
    let workshop = unlimited.given(a_workshop()).await;
    let fields: Vec<_> = (0..50).map(|number| format!("a{number}: workshop {{ title status }}")).collect();
    let many =
        format!("subscription ($id: ID!) {{ workshopSeats(workshopId: $id) {{ seatsTaken {} }} }}", fields.join(" "));
    let mut events = app.subscribe(&many, &json!({ "id": workshop.id })).await;
    assert_eq!(events.answer().await["extensions"]["cost"]["requested"], 1 + 50 * 3 + 5);
    let before = remaining(&app).await - 1;
    unlimited.register(&workshop, "ann").await.registration();
    events.expect_data().await;
    let each = before - remaining(&app).await;
    assert!(each > 151, "the selected fields, and the size of the document");
    while remaining(&app).await > each {
        app.graphql("{ workshops(first: 5) { nodes { id title capacity } } }", &Value::Null).await.data();
    }
    unlimited.register(&workshop, "bob").await.registration();
    unlimited.register(&workshop, "eve").await.registration();
    let refilling = async {
        // One point a second. This is too little still.
        app.set_time(at("2027-03-01T12:00:01Z"));
        let rest = remaining(&app).await;
        assert!(rest <= each, "{rest} of {each}");
        app.set_time(at("2027-03-01T12:05:00Z"));
    };
    let (newest, ()) = in_time(async { tokio::join!(events.expect_data(), refilling) }).await;
    assert_eq!(newest["seatsTaken"], 3, "the state before it was left out");
    assert!(remaining(&app).await < 300, "the event was charged");
}

#[apply(on_each_database)]
async fn catching_up_is_charged_for_the_entries_that_are_read(app: TestApp) {
    let (unlimited, app) = (&app, rate_limited(&app).await);
    let workshop = unlimited.given(a_workshop()).await;
    for guest in ["ann", "bob", "eve"] {
        unlimited.register(&workshop, guest).await.registration();
    }
    crate::journal::wait_for_entries(unlimited, 3).await;
    let first = unlimited.query("{ changes(first: 1) { nodes { cursor } } }").await["nodes"][0]["cursor"].clone();
    let query = "subscription ($after: String) { changes(after: $after) { id } }";
    for (client, left) in [(1, 1_000 - 6 - 105), (2, 1_000 - 2 * (6 + 105))] {
        // The client leaves after the first of a hundred entries that were read for it.
        let mut events = app.subscribe(query, &json!({ "after": first })).await;
        events.expect_data().await;
        drop(events);
        assert_eq!(remaining(&app).await, left + 1 - client);
    }
}

#[apply(on_each_database)]
async fn the_bytes_that_subscriptions_keep_are_limited_for_each_caller(app: TestApp) {
    let limits = Limits { max_subscription_bytes: 64 * 1024, ..app.limits() };
    let app = app.another_with_limits(limits).await;
    let workshop = app.given(a_workshop()).await;
    let changes = "subscription ($filter: ChangeFilter) { changes(filter: $filter) { id } }";
    let subscribe = |query: &str, filter: Value| json!({ "query": query, "variables": { "filter": filter } });
    let address = app.listen().await;
    let key = app.key(admin()).await;
    let mut socket = Socket::open_at(address).await.init_with(&json!({ "authorization": key.authorization() })).await;
    // The kinds of a filter are kept; 1,000 strings take more than the limit.
    let kinds = json!({ "kind": vec!["PROMOTED"; 1_000] });
    socket.subscribe("1", &subscribe(changes, kinds.clone())).await;
    let refused = socket.receive().await;
    assert_eq!(refused["type"], "error", "{refused:#}");
    assert_eq!(refused["payload"][0]["extensions"]["code"], "OVERLOADED");
    assert!(refused["payload"][0]["message"].as_str().unwrap().contains("65536 bytes"));
    // The subscriptions of one document share it: twenty copies would take more than the limit.
    let long = format!("{changes} # {}", "x".repeat(5_000));
    for number in 0..20 {
        socket.subscribe(&number.to_string(), &subscribe(&long, Value::Null)).await;
    }
    wait_for_followers(&app, 0, 20).await;
    // Different documents are not shared.
    for number in 0..2 {
        socket.subscribe(&format!("other {number}"), &subscribe(&format!("{long}{number}"), Value::Null)).await;
    }
    let refused = socket.receive().await;
    assert_eq!(
        (&refused["type"], &refused["payload"][0]["extensions"]["code"]),
        (&json!("error"), &json!("OVERLOADED"))
    );
    // Another caller has its own limit.
    let other = app.key(staff_of(&workshop.center)).await;
    let mut events = app.client_with_key(&other).subscribe(SEATS, &json!({ "id": workshop.id })).await;
    events.expect_data().await;
    // A subscription that ends frees its bytes.
    for number in 0..20 {
        socket.send_json(&json!({ "type": "complete", "id": number.to_string() })).await;
    }
    wait_for_followers(&app, 1, 1).await;
    let mut socket = socket.assert_open().await;
    socket.subscribe("1", &json!({ "query": SEATS, "variables": { "id": workshop.id } })).await;
    assert_eq!(socket.expect_data("1").await["seatsTaken"], 0);
}

#[apply(on_each_database)]
async fn variables_that_no_operation_declares_are_dropped(app: TestApp) {
    let limits = Limits { max_subscription_bytes: 64 * 1024, ..app.limits() };
    let app = app.another_with_limits(limits).await;
    let workshop = app.given(a_workshop()).await;
    let undeclared = vec![json!([]); 19_000];
    let mut socket = Socket::acknowledged(&app).await;
    let variables = json!({ "id": workshop.id, "other": undeclared });
    socket.subscribe("1", &json!({ "query": SEATS, "variables": variables })).await;
    assert_eq!(socket.expect_data("1").await["seatsTaken"], 0);
}

#[apply(on_each_database)]
async fn large_variables_cost_more_for_each_response(app: TestApp) {
    let (unlimited, app) = (&app, rate_limited(&app).await);
    let workshop = unlimited.given(a_workshop()).await;
    let query = "subscription ($filter: ChangeFilter) { changes(filter: $filter) { id } }";
    let filter = json!({ "kind": vec!["REGISTERED"; 1_000] });
    let mut events = app.subscribe(query, &json!({ "filter": filter })).await;
    for guest in ["ann", "bob"] {
        let (event, ()) = tokio::join!(events.answer(), async {
            wait_for_followers(&app, 0, 1).await;
            unlimited.register(&workshop, guest).await.registration();
        });
        assert!(event["data"]["changes"]["id"].is_string(), "{event:#}");
    }
    // The start and the first event cost 6, and the second one costs 1 and its variables.
    let left = remaining(&app).await;
    assert!((900..1_000 - 6 - 1 - 5).contains(&left), "{left}");
}
