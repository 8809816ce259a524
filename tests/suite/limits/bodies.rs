use axum::http::StatusCode;
use macro_rules_attribute::apply;
use serde_json::json;
use tests::{Socket, TestApp, on_each_database};
use tokio_tungstenite::tungstenite::Message;

const MOST: usize = 256 * 1024;

fn padded(text: &str, length: usize) -> String {
    format!("{text}{}", " ".repeat(length - text.len()))
}

#[apply(on_each_database)]
async fn a_body_has_a_maximum_size(app: TestApp) {
    let body = r#"{"query":"{ __typename }"}"#;
    assert_eq!(app.post(&padded(body, MOST)).await.data()["__typename"], "Query");
    let refused = app.post(&padded(body, MOST + 1)).await;
    assert_eq!((refused.status, refused.error_code()), (StatusCode::PAYLOAD_TOO_LARGE, "BAD_REQUEST"));
    assert!(refused.error_message().contains("262144"));
}

#[apply(on_each_database)]
async fn a_websocket_message_has_the_same_maximum_size(app: TestApp) {
    let subscribe = json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ __typename }" } }).to_string();
    let mut socket = Socket::acknowledged(&app).await;
    socket.send(Message::text(padded(&subscribe, MOST))).await;
    assert_eq!(socket.receive().await["payload"]["data"]["__typename"], "Query");
    assert_eq!(socket.receive().await["type"], "complete");
    socket.send(Message::text(padded(&subscribe, MOST + 1))).await;
    assert_eq!(socket.close_code().await, 1009);
}

#[apply(on_each_database)]
async fn deeply_nested_json_has_its_own_error_message(app: TestApp) {
    let nested = |levels: usize| {
        format!(r#"{{"query":"{{ __typename }}","variables":{{"a":{}{}}}}}"#, "[".repeat(levels), "]".repeat(levels))
    };
    app.post(&nested(125)).await.data();
    let refused = app.post(&nested(126)).await;
    assert_eq!((refused.status, refused.error_code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"));
    assert_eq!(refused.error_message(), "The body nests deeper than 127 levels.");
    assert_eq!(app.post("{").await.error_message(), "The body is not JSON in UTF-8.");
}

#[apply(on_each_database)]
async fn batched_requests_are_rejected_with_one_error(app: TestApp) {
    let refused = app.post(&json!([{ "query": "{ __typename }" }, { "query": "{ __typename }" }]).to_string()).await;
    assert_eq!((refused.status, refused.error_code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"));
    assert_eq!(refused.body["errors"].as_array().unwrap().len(), 1);
}
