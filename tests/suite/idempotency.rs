//! Idempotency keys.

use chrono::TimeDelta;
use macro_rules_attribute::apply;
use serde_json::json;
use tests::{Backend, TestApp, a_workshop, now, on_each_database};

const REUSED: (&str, i64, &str) =
    ("IdempotencyKeyReused", 2000, "The idempotency key was already used with a different input");

#[apply(on_each_database)]
async fn a_retry_returns_the_first_result(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(1)).await;
    let mut input = app.input(&workshop, "ann").await;
    input["idempotencyKey"] = "one".into();
    let first = app.register_with(&workshop, &input).await;
    app.set_time(now() + TimeDelta::hours(23));
    let again = app.register_with(&workshop, &input).await;
    assert_eq!(again.registration(), first.registration());
    assert_eq!(app.database.number("SELECT COUNT(*) FROM journal").await, 1);
}

#[apply(on_each_database)]
async fn a_key_reused_with_another_input_is_refused(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let mut input = app.input(&workshop, "ann").await;
    input["idempotencyKey"] = "one".into();
    app.register_with(&workshop, &input).await.registration();
    input["guestId"] = app.guest("bob").await.into();
    assert_eq!(app.register_with(&workshop, &input).await.problem(), REUSED);
    input["idempotencyKey"] = "two".into();
    app.register_with(&workshop, &input).await.registration();
}

#[apply(on_each_database)]
async fn a_refusal_is_not_stored_so_a_retry_can_succeed(app: TestApp) {
    let workshop = app.given(a_workshop().window(Some(TimeDelta::hours(1)), None)).await;
    let mut input = app.input(&workshop, "ann").await;
    input["idempotencyKey"] = "one".into();
    assert_eq!(app.register_with(&workshop, &input).await.problem().0, "RegistrationNotOpen");
    app.set_time(now() + TimeDelta::hours(1));
    app.register_with(&workshop, &input).await.registration();
}

#[apply(on_each_database)]
async fn a_key_expires_after_a_day(app: TestApp) {
    let workshop = app.given(a_workshop().window(None, None)).await;
    let mut input = app.input(&workshop, "ann").await;
    input["idempotencyKey"] = "one".into();
    app.register_with(&workshop, &input).await.registration();
    app.set_time(now() + TimeDelta::hours(24));
    input["guestId"] = app.guest("bob").await.into();
    app.register_with(&workshop, &input).await.registration();
    let again = app.register_with(&workshop, &input).await;
    assert_eq!(again.registration()["guest"]["id"], json!(app.guest("bob").await));
}

#[apply(on_each_database)]
async fn a_malformed_key_is_an_error_and_registers_no_guest(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let mut input = app.input(&workshop, "ann").await;
    for key in ["", " ", "a b", "é", "a\u{0}", &"k".repeat(256)] {
        input["idempotencyKey"] = key.into();
        let answer = app.register_with(&workshop, &input).await;
        assert_eq!(answer.error_code(), "BAD_USER_INPUT");
        assert!(answer.error_message().contains("1 to 255 visible ASCII characters"));
    }
    assert_eq!(app.database.number("SELECT COUNT(*) FROM registrations").await, 0);
}

#[apply(on_each_database)]
async fn expired_keys_are_deleted(app: TestApp) {
    let workshop = app.given(a_workshop().window(None, None)).await;
    let register = async |guest: &str| {
        let mut input = app.input(&workshop, guest).await;
        input["idempotencyKey"] = guest.into();
        app.register_with(&workshop, &input).await.registration();
    };
    let kept = "SELECT COUNT(*) FROM idempotency_keys";
    register("ann").await;
    app.set_time(now() + TimeDelta::hours(1));
    register("bob").await;
    assert_eq!(app.database.number(kept).await, 2);
    app.set_time(now() + TimeDelta::hours(24));
    register("cem").await;
    assert_eq!(app.database.number(kept).await, 2, "the keys of Bob and Cem");
}

#[apply(on_each_database)]
async fn a_retry_of_a_running_edit_returns_its_success(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let edit = "mutation ($id: ID!) {
        updateWorkshop(workshopId: $id, input: { title: \"New\", expectedVersion: 1, idempotencyKey: \"one\" }) {
            __typename ... on UpdateWorkshopSuccess { workshop { title version } } ... on Problem { code message } } }";
    let variables = json!({ "id": workshop.id });
    let held = app.database.block_writes().await;
    let releasing = async {
        app.wait_for_count("atelier_operations_in_flight", 2).await;
        if app.backend() == Backend::Postgres {
            // Both requests have looked up the key and wait for the lock.
            app.database.wait_for_lock_waiters(2).await;
        }
        held.rollback().await;
    };
    let (one, other, ()) = tokio::join!(app.graphql(edit, &variables), app.graphql(edit, &variables), releasing);
    let expected = json!({ "__typename": "UpdateWorkshopSuccess", "workshop": { "title": "New", "version": 2 } });
    assert_eq!((one.field(), other.field()), (&expected, &expected));
}
