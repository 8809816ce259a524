//! The number of WebSockets, the operations on one, and the timeouts of one.

use std::time::Duration;

use api::Limits;
use axum::http::StatusCode;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Socket, TestApp, in_time, on_each_database};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::interval,
};
use tokio_tungstenite::tungstenite::Error;

use super::connections::trickle;

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
    // A protocol violation frees a connection, and so does a disconnect. The server notices both some time later.
    let again = async || loop {
        if let Ok(socket) = Socket::open_with_protocol(&app, "graphql-transport-ws").await {
            return socket;
        }
        tokio::task::yield_now().await;
    };
    let mut breaking = second.assert_open().await;
    breaking.send_json(&json!({ "type": "nonsense" })).await;
    assert_eq!(breaking.close_code().await, 4400);
    let first = first.assert_open().await;
    let _second = in_time(again()).await;
    drop(first);
    in_time(again()).await;
}

#[apply(on_each_database)]
async fn an_operation_beyond_the_limit_of_a_websocket_is_rejected(app: TestApp) {
    let changes = json!({ "query": "subscription { changes { cursor } }" });
    let fewer = app.another_with_limits(Limits { websocket_operations: 2, ..Limits::default() }).await;
    for (app, limit) in [(&app, 50), (&fewer, 2)] {
        let mut socket = Socket::acknowledged(app).await;
        for number in 0..limit {
            socket.subscribe(&number.to_string(), &changes).await;
        }
        let mut socket = socket.assert_open().await;
        socket.subscribe("one more", &changes).await;
        let refused = socket.receive().await;
        assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("one more")));
        let message = format!("A connection can run {limit} operations at a time.");
        assert_eq!(refused["payload"][0]["message"], message);
        socket.send_json(&json!({ "type": "complete", "id": "1" })).await;
        socket.subscribe("one more", &json!({ "query": "{ __typename }" })).await;
        assert_eq!(socket.receive().await["payload"]["data"]["__typename"], "Query");
        assert_eq!(socket.receive().await["type"], "complete");
        socket.assert_open().await;
    }
}

#[apply(on_each_database)]
async fn a_message_in_slow_fragments_is_refused_though_pings_are_answered(app: TestApp) {
    let limits = Limits {
        request_body_timeout: Duration::from_millis(50),
        min_transfer_rate: 1_000_000,
        websocket_ping_interval: Duration::from_millis(250),
        ..Limits::default()
    };
    let app = app.another_with_limits(limits).await;
    let idle = Socket::acknowledged(&app).await;
    let mut stream = Socket::acknowledged(&app).await.0.into_inner();
    // Masked with zeros: the first fragment of a text, then more fragments with pongs between them.
    stream.write_all(b"\x01\x81\0\0\0\0{").await.unwrap();
    let text = trickle(stream, b"\x00\x81\0\0\0\0 \x8a\x80\0\0\0\0", "in time").await;
    assert!(text.contains("A message did not arrive in time"), "{text}");
    drop(idle);
}

#[apply(on_each_database)]
async fn a_slow_message_is_accepted_while_its_bytes_arrive(app: TestApp) {
    let limits = Limits { websocket_ping_interval: Duration::from_millis(250), ..Limits::default() };
    let app = app.another_with_limits(limits).await;
    let mut stream = Socket::acknowledged(&app).await.0.into_inner();
    // One frame, masked with zeros. It takes four pings, and the client cannot answer them.
    let message = format!("{:>200}", r#"{"type":"ping"}"#);
    let mut pace = interval(Duration::from_millis(5));
    for byte in [b"\x81\xfe\0\xc8\0\0\0\0", message.as_bytes()].concat() {
        pace.tick().await;
        stream.write_all(&[byte]).await.unwrap();
    }
    let mut received = Vec::new();
    in_time(async {
        while !received.ends_with(br#"{"type":"pong"}"#) {
            let count = stream.read_buf(&mut received).await.unwrap();
            assert!(count > 0, "the server closed the WebSocket: {}", String::from_utf8_lossy(&received));
        }
    })
    .await;
}

#[apply(on_each_database)]
async fn a_flood_of_messages_without_an_operation_closes_the_websocket(app: TestApp) {
    for message in [json!({ "type": "ping" }), json!({ "type": "pong" }), json!({ "type": "complete", "id": "1" })] {
        let mut socket = Socket::acknowledged(&app).await;
        for _ in 0..1_001 {
            socket.send_json(&message).await;
        }
        let code = loop {
            if let Err(code) = socket.receive_or_close_code().await {
                break code;
            }
        };
        assert_eq!(code, 4429, "{message}");
    }
    // An operation that is stopped has been charged when it started.
    let mut socket = Socket::acknowledged(&app).await;
    for _ in 0..400 {
        socket.subscribe("1", &json!({ "query": "subscription { changes { cursor } }" })).await;
        socket.send_json(&json!({ "type": "complete", "id": "1" })).await;
        socket = socket.assert_open().await;
    }
}
