//! Empty texts that clients send instead of leaving a value out.

use std::collections::BTreeSet;

use axum::{body::Body, http::Request};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Socket, TestApp, a_workshop, admin, on_each_database};

use crate::subscriptions::wait_for_followers;

/// A query for each list of the schema. `LIST` stands for its arguments and fields.
const LISTS: [(&str, &str); 10] = [
    ("Query.workshops", "{ workshops LIST }"),
    ("Query.registrations", "{ registrations LIST }"),
    ("Query.guests", "{ guests LIST }"),
    ("Query.centers", "{ centers LIST }"),
    ("Query.changes", "{ changes LIST }"),
    ("Query.apiKeys", "{ apiKeys LIST }"),
    ("Workshop.registrations", "{ workshops { nodes { registrations LIST } } }"),
    ("Guest.registrations", "{ guests { nodes { registrations LIST } } }"),
    ("Center.workshops", "{ centers { nodes { workshops LIST } } }"),
    ("Registration.history", "{ registrations { nodes { history LIST } } }"),
];

#[apply(on_each_database)]
async fn an_empty_cursor_is_no_cursor_in_every_list(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    app.register(&workshop, "ann").await.registration();
    app.key(admin()).await;
    let types = "{ __schema { types { name fields { name args { name } } } } }";
    let schema = app.query(types).await;
    let mut fields = BTreeSet::new();
    for owner in schema["types"].as_array().unwrap() {
        for field in owner["fields"].as_array().into_iter().flatten() {
            let has = |name: &str| field["args"].as_array().unwrap().iter().any(|argument| argument["name"] == name);
            if has("after") && has("before") {
                fields.insert(format!("{}.{}", owner["name"].as_str().unwrap(), field["name"].as_str().unwrap()));
            }
        }
    }
    assert_eq!(fields, LISTS.map(|(list, _)| list.to_owned()).into(), "a list is missing here");
    for (_, query) in LISTS {
        for (with, without) in [("first: 1, after: $none", "first: 1"), ("last: 1, before: $none", "last: 1")] {
            let list = |arguments: &str, declared: &str| {
                let fields = "edges { cursor } pageInfo { hasNextPage hasPreviousPage }";
                format!("query {declared} {}", query.replace("LIST", &format!("({arguments}) {{ {fields} }}")))
            };
            let empty = app.graphql(&list(with, "($none: String)"), &json!({ "none": "" })).await;
            let none = app.graphql(&list(without, ""), &Value::Null).await;
            assert!(none.field().to_string().contains("cursor"), "{query}");
            assert_eq!(empty.field(), none.field(), "{query}");
        }
    }
}

#[apply(on_each_database)]
async fn a_subscription_with_an_empty_cursor_starts_now(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    app.register(&workshop, "ann").await.registration();
    let changes = "subscription { changes(after: \"\") { registration { guest { givenName } } } }";
    let mut socket = Socket::acknowledged(&app).await;
    socket.subscribe("1", &json!({ "query": changes })).await;
    let mut events = app.subscribe(changes, &Value::Null).await;
    let event = tokio::spawn(async move { events.expect_data().await });
    wait_for_followers(&app, 0, 2).await;
    app.register(&workshop, "bob").await.registration();
    for change in [socket.expect_data("1").await, event.await.unwrap()] {
        assert_eq!(change["registration"]["guest"]["givenName"], "bob");
    }
}

#[apply(on_each_database)]
async fn an_empty_operation_name_is_none_on_every_transport(app: TestApp) {
    let typename = json!({ "__typename": "Query" });
    let body = json!({ "query": "query A { __typename }", "operationName": "" });
    assert_eq!(app.post(&body.to_string()).await.data(), &typename);
    let get = Request::get("/graphql?query=query%20A%7B__typename%7D&operationName=").body(Body::empty()).unwrap();
    assert_eq!(app.send(get).await.data(), &typename);
    let post = Request::post("/graphql").header("content-type", "application/json");
    let post = post.header("accept", "text/event-stream").body(Body::from(body.to_string())).unwrap();
    assert_eq!(app.events(post).await.expect_data().await, "Query");
    let mut socket = Socket::acknowledged(&app).await;
    socket.subscribe("1", &body).await;
    assert_eq!(socket.receive().await["payload"]["data"], typename);
    // Of several operations, none is selected.
    let several = json!({ "query": "query A { __typename } query B { __typename }", "operationName": "" });
    assert_eq!(app.post(&several.to_string()).await.error_code(), "BAD_USER_INPUT");
}
