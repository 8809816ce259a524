use api::Limits;
use macro_rules_attribute::apply;
use serde_json::json;
use tests::{Socket, TestApp, in_time, on_each_database};
use tokio_tungstenite::tungstenite::Error;

#[apply(on_each_database)]
async fn the_number_of_open_websockets_is_limited(app: TestApp) {
    let app = app.another_with_limits(Limits { max_websockets: 2, ..Limits::default() }).await;
    let (one, _two) = (Socket::acknowledged(&app).await, Socket::acknowledged(&app).await);
    let Err(Error::Http(refused)) = Socket::open_with_protocol(&app, "graphql-transport-ws").await else {
        panic!("a third WebSocket was opened")
    };
    assert_eq!(refused.status(), 503);
    drop(one);
    // The server notices the closed connection some time later.
    in_time(async {
        while Socket::open_with_protocol(&app, "graphql-transport-ws").await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[apply(on_each_database)]
async fn the_number_of_operations_on_a_websocket_is_limited(app: TestApp) {
    let app = app.another_with_limits(Limits { websocket_operations: 2, ..Limits::default() }).await;
    let mut socket = Socket::acknowledged(&app).await;
    for id in ["1", "2", "3"] {
        socket.subscribe(id, &json!({ "query": "subscription { changes { cursor } }" })).await;
    }
    let refused = socket.receive().await;
    assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("3")));
    assert!(refused["payload"][0]["message"].as_str().unwrap().contains("2 operations"));
    socket.send_json(&json!({ "type": "complete", "id": "1" })).await;
    socket.subscribe("3", &json!({ "query": "{ __typename }" })).await;
    assert_eq!(socket.receive().await["payload"]["data"]["__typename"], "Query");
}

#[apply(on_each_database)]
async fn a_websocket_without_connection_init_is_closed(app: TestApp) {
    let init = std::time::Duration::from_millis(20);
    let app = app.another_with_limits(Limits { websocket_init_timeout: init, ..Limits::default() }).await;
    assert_eq!(Socket::open(&app).await.close_code().await, 4408);
}
