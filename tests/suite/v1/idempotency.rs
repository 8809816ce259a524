//! Retries, and registrations of other workshops.

use axum::{body::Body, http::Request};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, TestApp, Workshop, a_workshop, on_each_database};

use super::{register, registrations, rest_body, run_action};

const REUSED: (u16, i64, &str) = (400, 2000, "The idempotency key was already used with a different input");

async fn send(app: &TestApp, request: axum::http::request::Builder, keys: &[&str], body: Option<&Value>) -> Answer {
    let request = keys.iter().fold(request, |request, key| request.header("idempotency-key", *key));
    let request = match body {
        Some(body) => request.header("content-type", "application/json").body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    };
    app.send(request.unwrap()).await
}

async fn register_under(app: &TestApp, workshop: &Workshop, guest: &str, keys: &[&str]) -> Answer {
    let body = rest_body(&app.input(workshop, guest).await);
    send(app, Request::post(registrations(&workshop.id)), keys, Some(&body)).await
}

#[apply(on_each_database)]
async fn a_retry_returns_the_first_success_in_rest_and_graphql(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let first = register_under(&app, &workshop, "ann", &["one"]).await;
    let again = register_under(&app, &workshop, "ann", &["one"]).await;
    assert_eq!(again.expect_data("registrations"), first.expect_data("registrations"));
    let mut input = app.input(&workshop, "ann").await;
    input["idempotencyKey"] = "one".into();
    let by_graph = app.register_with(&workshop, &input).await;
    assert_eq!(by_graph.registration()["id"], first.expect_data("registrations")["id"]);
    assert_eq!(register_under(&app, &workshop, "bob", &["one"]).await.expect_error("registrations"), REUSED);
    let other = register_under(&app, &workshop, "ann", &["two"]).await;
    assert_eq!(other.expect_error("registrations").1, 1010);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM journal").await, 1);
}

#[apply(on_each_database)]
async fn an_action_is_applied_once_under_its_key(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let ann = register(&app, &workshop, "ann").await.expect_data("registrations").clone();
    let path = |action: &str| format!("{}/{}/{action}", registrations(&workshop.id), ann["id"].as_str().unwrap());
    let put = async |action: &str| send(&app, Request::put(path(action)), &["one"], None).await;
    assert_eq!(put("sign_in").await.expect_data("registrations")["status"], 3);
    run_action(&app, &workshop, &ann, "undo_sign_in").await.expect_data("registrations");
    // A retry returns the registration with its current status, as GraphQL does.
    assert_eq!(put("sign_in").await.expect_data("registrations"), &json!({ "id": ann["id"], "status": 0 }));
    assert_eq!(put("cancel").await.expect_error("registrations"), REUSED);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM journal").await, 3);
}

#[apply(on_each_database)]
async fn a_malformed_key_returns_422_and_changes_nothing(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    for keys in [&["a b"][..], &[""], &["\u{e9}"], &[&"k".repeat(256)], &["one", "two"]] {
        let answer = register_under(&app, &workshop, "ann", keys).await;
        assert_eq!(
            (answer.expect_error("registrations").0, answer.expect_error("registrations").1),
            (422, 2422),
            "{keys:?}"
        );
    }
    assert_eq!(app.database.number("SELECT COUNT(*) FROM registrations").await, 0);
}

#[apply(on_each_database)]
async fn a_registration_of_another_workshop_is_not_found(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let other = app.given(a_workshop()).await;
    let nowhere = Workshop { id: "wks_nowhere".to_owned(), ..other.clone() };
    let ann = register(&app, &workshop, "ann").await.expect_data("registrations").clone();
    for wrong in [&other, &nowhere] {
        for (name, sentence) in [
            ("sign_in", "The Registration Id passed is not valid"),
            ("undo_sign_in", "The Registration Id passed is not valid"),
            ("cancel", "Invalid registration"),
        ] {
            let answer = run_action(&app, wrong, &ann, name).await;
            assert_eq!(answer.expect_error("registrations"), (400, 1004, sentence), "{name}");
        }
    }
    assert_eq!(app.database.number("SELECT COUNT(*) FROM journal").await, 1);
    assert_eq!(run_action(&app, &workshop, &ann, "cancel").await.expect_data("registrations")["status"], 1);
}

#[apply(on_each_database)]
async fn the_body_of_an_action_is_ignored(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let ann = register(&app, &workshop, "ann").await.expect_data("registrations").clone();
    let path = format!("{}/{}/sign_in", registrations(&workshop.id), ann["id"].as_str().unwrap());
    let request = Request::put(path).header("content-type", "text/plain").body(Body::from("nonsense")).unwrap();
    assert_eq!(app.send(request).await.expect_data("registrations")["status"], 3);
}
