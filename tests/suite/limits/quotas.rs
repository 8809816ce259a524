//! The quotas of one caller, and the share that always remains for others.

use api::Limits;
use axum::http::StatusCode;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{REGISTER, Socket, TestApp, a_workshop, admin, in_time, on_each_database};
use tokio_tungstenite::tungstenite::Error;

const CHANGES: &str = "subscription { changes { cursor } }";

/// The code of the error of an operation that was not executed.
fn code(message: &Value) -> &Value {
    assert_eq!(message["type"], "error", "{message:#}");
    &message["payload"][0]["extensions"]
}

#[apply(on_each_database)]
async fn a_caller_has_a_quota_of_subscriptions_on_all_its_connections(app: TestApp) {
    let key = app.key(admin()).await;
    let app = app.another_with_limits(Limits { subscriptions_per_caller: 2, ..Limits::default() }).await;
    let address = app.listen().await;
    let mut socket = Socket::acknowledged_at(address).await;
    let mut another = Socket::acknowledged_at(address).await;
    socket.subscribe("1", &json!({ "query": CHANGES })).await;
    another.subscribe("1", &json!({ "query": CHANGES })).await;
    (socket, another) = (socket.assert_open().await, another.assert_open().await);
    app.wait_for_count("atelier_subscriptions", 2).await;
    another.subscribe("2", &json!({ "query": CHANGES })).await;
    let refused = another.receive().await;
    assert_eq!(*code(&refused), json!({ "code": "RATE_LIMITED", "retryAfter": 1 }));
    assert!(refused["payload"][0]["message"].as_str().unwrap().contains("limit of 2 running subscriptions"));
    let init = json!({ "authorization": key.authorization() });
    let mut other = Socket::open_at(address).await.init_with(&init).await;
    other.subscribe("1", &json!({ "query": CHANGES })).await;
    other.assert_open().await;
    drop(socket);
    app.wait_for_metric("atelier_subscriptions", |running| running < 2.0).await;
    another.subscribe("2", &json!({ "query": CHANGES })).await;
    another.assert_open().await;
}

#[apply(on_each_database)]
async fn an_event_stream_beyond_the_quota_has_status_429(app: TestApp) {
    let app = app.another_with_limits(Limits { subscriptions_per_caller: 1, ..Limits::default() }).await;
    let _first = app.subscribe(CHANGES, &Value::Null).await;
    let mut refused = app.subscribe(CHANGES, &Value::Null).await;
    assert_eq!(
        (refused.status, &refused.headers["retry-after"]),
        (StatusCode::TOO_MANY_REQUESTS, &"1".parse().unwrap())
    );
    assert_eq!(refused.answer().await["errors"][0]["extensions"], json!({ "code": "RATE_LIMITED", "retryAfter": 1 }));
}

#[apply(on_each_database)]
async fn a_websocket_counts_for_the_caller_that_its_credential_names(app: TestApp) {
    let key = app.key(admin()).await;
    let app = app.another_with_limits(Limits { websockets_per_caller: 1, ..Limits::default() }).await;
    let address = app.listen().await;
    let init = json!({ "authorization": key.authorization() });
    let of_key = Socket::open_at(address).await.init_with(&init).await;
    let anonymous = Socket::acknowledged_at(address).await;
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let Err(Error::Http(refused)) = Socket::open_on(stream).await else { panic!("a WebSocket beyond the quota") };
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    drop(anonymous.assert_open().await);
    app.wait_for_count("atelier_websockets", 1).await;
    let mut second_of_key = Socket::open_at(address).await;
    second_of_key.send_json(&json!({ "type": "connection_init", "payload": init })).await;
    assert_eq!(second_of_key.close_code().await, 1013);
    of_key.assert_open().await;
}

#[apply(on_each_database)]
async fn a_caller_has_a_quota_of_operations_in_flight(app: TestApp) {
    let key = app.key(admin()).await;
    let workshop = app.given(a_workshop()).await;
    let input = app.input(&workshop, "ann").await;
    let app = app.another_with_limits(Limits { in_flight_per_caller: 1, ..app.limits() }).await;
    let held = app.database.block_writes().await;
    let variables = json!({ "workshopId": workshop.id, "input": input });
    let registering = app.graphql(REGISTER, &variables);
    let refused = async {
        app.wait_for_metric("atelier_operations_in_flight", |operations| operations >= 1.0).await;
        let refused = app.graphql("{ __typename }", &Value::Null).await;
        assert_eq!((refused.status, refused.error_code()), (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"));
        assert_eq!(refused.header("retry-after"), Some("1"));
        let other = app.client().with_authorization(&key.authorization());
        assert_eq!(other.graphql("{ __typename }", &Value::Null).await.status, StatusCode::OK);
        held.rollback().await;
    };
    let (registered, ()) = tokio::join!(registering, refused);
    assert_eq!(registered.registration()["status"], "REGISTERED");
}

#[apply(on_each_database)]
async fn one_address_cannot_take_all_subscriptions(app: TestApp) {
    let key = app.key(admin()).await;
    let limits = Limits { max_subscriptions: 100, websocket_operations: 200, ..Limits::default() };
    let app = app.another_with_limits(limits).await;
    let address = app.listen().await;
    let mut greedy = Socket::acknowledged_at(address).await;
    for number in 0..120 {
        greedy.subscribe(&number.to_string(), &json!({ "query": CHANGES })).await;
    }
    for _ in 75..120 {
        let refused = greedy.receive().await;
        assert_eq!(code(&refused)["code"], "OVERLOADED");
    }
    let _greedy = greedy.assert_open().await;
    assert_eq!(app.count("atelier_subscriptions"), 75);
    let mut honest = app.client().with_authorization(&key.authorization()).subscribe(CHANGES, &Value::Null).await;
    assert_eq!(honest.status, StatusCode::OK);
    let workshop = app.given(a_workshop()).await;
    let registering = app.register(&workshop, "ann");
    let (_, honest) = in_time(Box::pin(async { tokio::join!(registering, honest.answer()) })).await;
    assert!(honest["data"]["changes"]["cursor"].is_string(), "{honest:#}");
}
