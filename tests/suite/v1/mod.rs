//! The REST API.

mod conformance;
mod envelope;
mod idempotency;
mod limits;
mod lists;
mod openapi;

use axum::http::Method;
use serde_json::{Value, json};
use tests::{Answer, TestApp, Workshop};

/// The path of a workshop's registrations.
fn registrations(workshop: &str) -> String {
    format!("/v1/workshops/{workshop}/registrations")
}

/// Converts the GraphQL input of a registration to the REST body.
fn rest_body(input: &Value) -> Value {
    let names = [("trackId", "track_id"), ("guestId", "guest_id"), ("centerId", "center_id"), ("waitlist", "waitlist")];
    let given = names.into_iter().filter_map(|(graph, call)| Some((call.to_owned(), input.get(graph)?.clone())));
    Value::Object(given.collect())
}

/// Registers a guest through the REST API.
async fn register(app: &TestApp, workshop: &Workshop, guest: &str) -> Answer {
    let body = rest_body(&app.input(workshop, guest).await);
    app.call(Method::POST, &registrations(&workshop.id), Some(&body)).await
}

/// Adds a guest to the waitlist through the REST API.
async fn waitlist(app: &TestApp, workshop: &Workshop, guest: &str) -> Answer {
    let mut body = rest_body(&app.input(workshop, guest).await);
    body["waitlist"] = json!(true);
    app.call(Method::POST, &registrations(&workshop.id), Some(&body)).await
}

/// Runs an action, such as `sign_in`, on a registration.
async fn run_action(app: &TestApp, workshop: &Workshop, registration: &Value, action: &str) -> Answer {
    let id = registration["id"].as_str().unwrap();
    app.call(Method::PUT, &format!("{}/{id}/{action}", registrations(&workshop.id)), None).await
}
