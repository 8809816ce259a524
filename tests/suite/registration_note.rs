//! The note of a registration.

use domain::access::Scope;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, Client, TestApp, a_workshop, admin, on_each_database, partner, staff_of};

use crate::journal::wait_for_entries;

const UPDATE: &str = "mutation ($id: ID!, $input: UpdateRegistrationNoteInput!) {
    updateRegistrationNote(registrationId: $id, input: $input) {
        __typename
        ... on Registration { id status note }
        ... on InputInvalid { fields { field } }
        ... on Problem { code } } }";

async fn update(client: &Client, registration: &Value, input: Value) -> Answer {
    client.graphql(UPDATE, &json!({ "id": registration["id"], "input": input })).await
}

#[apply(on_each_database)]
async fn staff_set_replace_and_remove_a_note(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(1)).await;
    app.register(&workshop, "ann").await.registration();
    let bob = app.waitlist(&workshop, "bob").await.registration().clone();
    let client = app.client();
    for (input, note) in [
        (json!({ "note": "Vegetarian\nBrings a dog" }), json!("Vegetarian\nBrings a dog")),
        (json!({ "note": "Vegan" }), json!("Vegan")),
        (json!({ "note": "Vegan" }), json!("Vegan")),
        (json!({ "note": " \n" }), Value::Null),
        (json!({ "note": "Windows\r\nline" }), json!("Windows\nline")),
        (json!({ "note": "" }), Value::Null),
        (json!({ "note": "Vegan" }), json!("Vegan")),
        (json!({}), Value::Null),
    ] {
        let updated = update(&client, &bob, input).await;
        let expected = json!({ "__typename": "Registration", "id": bob["id"], "status": "WAITLISTED", "note": note });
        assert_eq!(updated.field(), &expected);
    }
    let all = wait_for_entries(&app, 9).await;
    assert_eq!(all.len(), 9, "an update to the same note writes no entry");
    let history = format!(
        "{{ registration(id: {}) {{ note history(first: 2) {{ nodes {{ kind statusBefore statusAfter }} }} }} }}",
        bob["id"]
    );
    assert_eq!(
        app.query(&history).await,
        json!({ "note": null, "history": { "nodes": [
            { "kind": "WAITLISTED", "statusBefore": null, "statusAfter": "WAITLISTED" },
            { "kind": "NOTE_UPDATED", "statusBefore": "WAITLISTED", "statusAfter": "WAITLISTED" },
        ] } })
    );
    let cancelled = app.cancel(&bob).await;
    assert_eq!(cancelled.field()["registration"]["status"], "CANCELLED");
    let updated = update(&client, &bob, json!({ "note": "Asked for a refund" })).await;
    assert_eq!(
        (&updated.field()["status"], &updated.field()["note"]),
        (&json!("CANCELLED"), &json!("Asked for a refund"))
    );
}

#[apply(on_each_database)]
async fn an_invalid_note_or_registration_is_a_problem(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let ann = app.register(&workshop, "ann").await.registration().clone();
    let client = app.client();
    let longest = "ü".repeat(2_000);
    let accepted = update(&client, &ann, json!({ "note": longest })).await;
    assert_eq!(accepted.field()["note"], longest);
    for note in ["x".repeat(2_001), "a\u{0}b".to_owned()] {
        let refused = update(&client, &ann, json!({ "note": note })).await;
        assert_eq!(
            refused.field(),
            &json!({ "__typename": "InputInvalid", "code": 2010, "fields": [{ "field": "note" }] })
        );
    }
    let unknown = json!({ "id": domain::RegistrationId::from_uuid(uuid::Uuid::now_v7()).to_string() });
    for registration in [unknown, json!({ "id": "nonsense" })] {
        let refused = update(&client, &registration, json!({ "note": "Vegan" })).await;
        assert_eq!(refused.field(), &json!({ "__typename": "RegistrationIdInvalid", "code": 1004 }));
    }
}

#[apply(on_each_database)]
async fn a_retry_with_a_key_returns_the_first_success_and_another_note_is_refused(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let ann = app.register(&workshop, "ann").await.registration().clone();
    let client = app.client();
    for _ in 0..2 {
        let updated = update(&client, &ann, json!({ "note": "Vegan", "idempotencyKey": "note-1" })).await;
        assert_eq!(updated.field()["note"], "Vegan");
    }
    assert_eq!(wait_for_entries(&app, 2).await.len(), 2);
    let other = update(&client, &ann, json!({ "note": "Vegetarian", "idempotencyKey": "note-1" })).await;
    assert_eq!(other.field()["__typename"], "IdempotencyKeyReused");
}

#[apply(on_each_database)]
async fn only_staff_and_partners_of_the_center_write_a_note_and_the_guest_reads_it(app: TestApp) {
    let (here, there) = (app.center("Here").await, app.center("There").await);
    let workshop = app.given_at(here, a_workshop()).await;
    let ann = app.register(&workshop, "ann").await.registration().clone();
    let (here, there) = (here.to_string(), there.to_string());
    let with_note = |note: &str| json!({ "note": note });
    for grant in [admin(), staff_of(&here), partner(&[Scope::RegistrationsWrite])] {
        let key = app.key(grant).await;
        let written = update(&app.client_with_key(&key), &ann, with_note("Vegan")).await;
        assert_eq!(written.field()["note"], "Vegan");
    }
    let elsewhere = app.client_with_key(&app.key(staff_of(&there)).await);
    assert_eq!(update(&elsewhere, &ann, with_note("x")).await.field()["__typename"], "RegistrationIdInvalid");
    let guest = app.client_for_guest("ann").await;
    let reader = app.client_with_key(&app.key(partner(&[Scope::RegistrationsRead])).await);
    for (client, code) in [(&guest, "FORBIDDEN"), (&reader, "FORBIDDEN")] {
        assert_eq!(update(client, &ann, with_note("x")).await.error_code(), code);
    }
    let read = guest.graphql("query ($id: ID!) { registration(id: $id) { note } }", &ann).await;
    assert_eq!(read.field(), &json!({ "note": "Vegan" }));
}
