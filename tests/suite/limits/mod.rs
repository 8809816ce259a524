//! The limits of operations: a request at each limit and one beyond it, on every transport.

mod bodies;
mod connection_pressure;
mod connections;
mod documents;
pub(crate) mod in_flight;
mod quotas;
mod rate_limit;
mod responses;
mod rows;
mod subscriptions;
mod websockets;

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use tests::{Socket, TestApp, percent_encode};

/// The transports, each with its response to a document. A document that is too long for an address is not sent by `GET`.
async fn on_every_transport(app: &TestApp, query: &str) -> Vec<(&'static str, Value)> {
    let mut answers = vec![("POST", app.graphql(query, &Value::Null).await.body)];
    let address = format!("/graphql?query={}", percent_encode(query.as_bytes()));
    if address.len() < 60_000 {
        answers.push(("GET", app.send(Request::get(address).body(Body::empty()).unwrap()).await.body));
    }
    answers.push(("events", app.subscribe(query, &Value::Null).await.answer().await));
    let mut socket = Socket::acknowledged(app).await;
    socket.subscribe("1", &json!({ "query": query })).await;
    let message = socket.receive().await;
    let answer =
        if message["type"] == "error" { json!({ "errors": message["payload"] }) } else { message["payload"].clone() };
    answers.push(("WebSocket", answer));
    answers
}

/// Asserts that every transport rejects the document because it exceeds this limit.
async fn assert_refused(app: &TestApp, document: &str, setting: &str, limit: u64, actual: u64) {
    for (way, answer) in on_every_transport(app, document).await {
        let error = &answer["errors"][0];
        let code = match setting {
            "document-bytes" | "document-tokens" | "document-nesting" => "GRAPHQL_PARSE_FAILED",
            _ => "GRAPHQL_VALIDATION_FAILED",
        };
        let expected = json!({ "code": code, "limit": limit, "actual": actual, "setting": setting });
        assert_eq!(error["extensions"], expected, "{way}: {answer:#} {document:.200}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(&limit.to_string()) && message.contains(&actual.to_string()), "{message}");
        assert_eq!(answer.get("data"), None, "{way}");
    }
}

/// Asserts that the document exceeds no limit. It can fail for other reasons.
async fn assert_within_limits(app: &TestApp, document: &str) {
    for (way, answer) in on_every_transport(app, document).await {
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        assert!(errors.iter().all(|error| error["extensions"].get("limit").is_none()), "{way}: {errors:#?}");
    }
}

/// Asserts that every transport returns data for the document.
async fn assert_answered(app: &TestApp, document: &str) {
    for (way, answer) in on_every_transport(app, document).await {
        assert_eq!(answer.get("errors"), None, "{way}: {answer:.300} {document:.200}");
        assert!(answer["data"].is_object(), "{way}: {answer:.300}");
    }
}
