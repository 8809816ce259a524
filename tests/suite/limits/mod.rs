//! What an operation may ask for: each limit just not hit and hit, by every way in.

mod bodies;
mod documents;
pub(crate) mod in_flight;
mod rate;
mod sockets;

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use tests::{Socket, TestApp, encoded};

/// The ways in, and what a document is answered with by each. A document that fits no address is not sent by `GET`.
async fn by_every_way(app: &TestApp, query: &str) -> Vec<(&'static str, Value)> {
    let mut answers = vec![("POST", app.graphql(query, &Value::Null).await.body)];
    let address = format!("/graphql?query={}", encoded(query.as_bytes()));
    if address.len() < 60_000 {
        answers.push(("GET", app.send(Request::get(address).body(Body::empty()).unwrap()).await.body));
    }
    answers.push(("events", app.subscribe(query, &Value::Null).await.answer().await));
    let mut socket = Socket::acknowledged(app).await;
    socket.subscribe("1", &json!({ "query": query })).await;
    let said = socket.hear().await;
    let answer = if said["type"] == "error" { json!({ "errors": said["payload"] }) } else { said["payload"].clone() };
    answers.push(("WebSocket", answer));
    answers
}

/// The document goes beyond this limit, and every way in says so.
async fn assert_refused(app: &TestApp, document: &str, setting: &str, limit: u64, actual: u64) {
    for (way, answer) in by_every_way(app, document).await {
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

/// No limit stands in the way of this document, whatever else does.
async fn assert_within(app: &TestApp, document: &str) {
    for (way, answer) in by_every_way(app, document).await {
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        assert!(errors.iter().all(|error| error["extensions"].get("limit").is_none()), "{way}: {errors:#?}");
    }
}

/// The document is answered.
async fn assert_answered(app: &TestApp, document: &str) {
    for (way, answer) in by_every_way(app, document).await {
        assert_eq!(answer.get("errors"), None, "{way}: {answer:.300} {document:.200}");
        assert!(answer["data"].is_object(), "{way}: {answer:.300}");
    }
}
