//! The documented JSON call.

mod conformance;
mod envelope;
mod idempotency;
mod limits;
mod lists;
mod openapi;

use axum::http::Method;
use serde_json::{Value, json};
use tests::{Answer, TestApp, Workshop};

/// The address of the registrations to a workshop.
fn registrations(workshop: &str) -> String {
    format!("/v1/workshops/{workshop}/registrations")
}

/// What is sent to register, made of the graph's input.
fn rest_body(input: &Value) -> Value {
    let names = [("trackId", "track_id"), ("guestId", "guest_id"), ("centerId", "center_id"), ("waitlist", "waitlist")];
    let given = names.into_iter().filter_map(|(graph, call)| Some((call.to_owned(), input.get(graph)?.clone())));
    Value::Object(given.collect())
}

/// Registers a guest by the documented call.
async fn register(app: &TestApp, workshop: &Workshop, guest: &str) -> Answer {
    let body = rest_body(&app.input(workshop, guest).await);
    app.call(Method::POST, &registrations(&workshop.id), Some(&body)).await
}

/// Puts a guest in line by the documented call.
async fn waitlist(app: &TestApp, workshop: &Workshop, guest: &str) -> Answer {
    let mut body = rest_body(&app.input(workshop, guest).await);
    body["waitlist"] = json!(true);
    app.call(Method::POST, &registrations(&workshop.id), Some(&body)).await
}

/// Does a step with a registration that was answered with.
async fn run_action(app: &TestApp, workshop: &Workshop, registration: &Value, action: &str) -> Answer {
    let id = registration["id"].as_str().unwrap();
    app.call(Method::PUT, &format!("{}/{id}/{action}", registrations(&workshop.id)), None).await
}
