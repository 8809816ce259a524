//! Texts of several lines.

use macro_rules_attribute::apply;
use serde_json::json;
use tests::{TestApp, a_workshop, on_each_database};

#[apply(on_each_database)]
async fn every_line_break_in_a_text_becomes_a_line_feed(app: TestApp) {
    let (sent, stored) = ("one\r\ntwo\rthree\nfour", json!("one\ntwo\nthree\nfour"));
    let workshop = app.given(a_workshop()).await;
    let describe =
        "mutation ($id: ID!, $text: String) { updateWorkshop(workshopId: $id, input: { description: $text }) {
        ... on UpdateWorkshopSuccess { workshop { description } } } }";
    let described = app.graphql(describe, &json!({ "id": workshop.id, "text": sent })).await;
    assert_eq!(described.field()["workshop"]["description"], stored);
    let create = "mutation ($text: String) { createWorkshop(input: { title: \"T\", description: $text }) {
        ... on Workshop { description } } }";
    assert_eq!(app.graphql(create, &json!({ "text": sent })).await.field()["description"], stored);

    let ann = app.register(&workshop, "ann").await.registration().clone();
    let note =
        "mutation ($id: ID!, $text: String) { updateRegistrationNote(registrationId: $id, input: { note: $text }) {
        ... on Registration { note } } }";
    let noted = app.graphql(note, &json!({ "id": ann["id"], "text": sent })).await;
    assert_eq!(noted.field()["note"], stored);
    let cancel =
        "mutation ($id: ID!, $text: String) { cancelRegistration(registrationId: $id, input: { reason: $text }) {
        ... on CancelRegistrationSuccess { registration { cancelReason } } } }";
    let cancelled = app.graphql(cancel, &json!({ "id": ann["id"], "text": sent })).await;
    assert_eq!(cancelled.field()["registration"]["cancelReason"], stored);

    let bob = app.register(&workshop, "bob").await.registration().clone();
    let cancel = "mutation ($id: ID!, $text: String) { cancelWorkshop(workshopId: $id, input: { reason: $text }) {
        __typename } }";
    app.graphql(cancel, &json!({ "id": workshop.id, "text": sent })).await.field();
    let reason = "query ($id: ID!) { registration(id: $id) { cancelReason } }";
    assert_eq!(app.graphql(reason, &json!({ "id": bob["id"] })).await.field()["cancelReason"], stored);
}
