//! The number of WebSockets, the operations on one, and the timeouts of one.

use std::time::Duration;

use api::Limits;
use axum::http::StatusCode;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Socket, TestApp, in_time, on_each_database};
use tokio_tungstenite::tungstenite::Error;

#[apply(on_each_database)]
async fn a_client_that_never_sends_connection_init_is_disconnected(app: TestApp) {
    let app = app
        .another_with_limits(Limits { websocket_init_timeout: Duration::from_millis(50), ..Limits::default() })
        .await;
    let acknowledged = Socket::acknowledged(&app).await;
    let mut silent = Socket::open(&app).await;
    // Other messages do not replace `connection_init`.
    silent.send_json(&json!({ "type": "ping" })).await;
    assert_eq!(silent.receive().await, json!({ "type": "pong" }));
    assert_eq!(silent.close_code().await, 4408);
    acknowledged.assert_open().await;
}

#[apply(on_each_database)]
async fn an_idle_websocket_is_closed(app: TestApp) {
    let app = app
        .another_with_limits(Limits { websocket_idle_timeout: Duration::from_millis(50), ..Limits::default() })
        .await;
    let mut busy = Socket::acknowledged(&app).await;
    busy.subscribe("1", &json!({ "query": "subscription { changes { cursor } }" })).await;
    let mut idle = Socket::acknowledged(&app).await;
    idle.subscribe("1", &json!({ "query": "{ __typename }" })).await;
    assert_eq!(idle.receive().await["type"], "next");
    assert_eq!(idle.receive().await["type"], "complete");
    // Normal closure: a client reconnects when it needs to.
    assert_eq!(idle.close_code().await, 1000);
    busy.assert_open().await;
}

#[apply(on_each_database)]
async fn a_websocket_beyond_the_limit_is_rejected(app: TestApp) {
    let app = app.another_with_limits(Limits { max_websockets: 2, ..Limits::default() }).await;
    let first = Socket::acknowledged(&app).await;
    let second = Socket::acknowledged(&app).await;
    let Err(Error::Http(refused)) = Socket::open_with_protocol(&app, "graphql-transport-ws").await else {
        panic!("a third WebSocket was opened");
    };
    assert_eq!(
        (refused.status(), &refused.headers()["retry-after"]),
        (StatusCode::SERVICE_UNAVAILABLE, &"1".parse().unwrap())
    );
    let body: Value = serde_json::from_slice(refused.body().as_ref().unwrap()).unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "OVERLOADED");
    // A protocol violation or a disconnect frees a connection.
    let mut breaking = second.assert_open().await;
    breaking.send_json(&json!({ "type": "nonsense" })).await;
    assert_eq!(breaking.close_code().await, 4400);
    first.assert_open().await;
    let again = async || loop {
        if let Ok(socket) = Socket::open_with_protocol(&app, "graphql-transport-ws").await {
            return socket;
        }
    };
    in_time(again()).await;
}

#[apply(on_each_database)]
async fn an_operation_beyond_the_limit_of_a_websocket_is_rejected(app: TestApp) {
    let mut socket = Socket::acknowledged(&app).await;
    let changes = json!({ "query": "subscription { changes { cursor } }" });
    for number in 0..50 {
        socket.subscribe(&number.to_string(), &changes).await;
    }
    let mut socket = socket.assert_open().await;
    socket.subscribe("one more", &changes).await;
    let refused = socket.receive().await;
    assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("one more")));
    assert_eq!(refused["payload"][0]["message"], "A connection can run 50 operations at a time.");
    socket.send_json(&json!({ "type": "complete", "id": "7" })).await;
    socket.subscribe("one more", &changes).await;
    socket.assert_open().await;
}
