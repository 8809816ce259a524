//! Guests are created and updated.

use futures_util::future::join_all;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, TestApp, on_each_database};

use crate::concurrency::servers;

const SELECTED: &str = "__typename
    ... on Guest { id externalId givenName familyName email phone homeCenter { id } }
    ... on Problem { code message }
    ... on InputInvalid { fields { field message } }";

fn create() -> String {
    format!("mutation ($input: GuestInput!) {{ createGuest(input: $input) {{ {SELECTED} }} }}")
}

async fn created(app: &TestApp, input: Value) -> Answer {
    app.graphql(&create(), &json!({ "input": input })).await
}

async fn updated(app: &TestApp, guest: &Value, input: Value) -> Answer {
    let query = format!(
        "mutation ($guestId: ID!, $input: GuestInput!) {{ updateGuest(guestId: $guestId, input: $input) {{ {SELECTED} }} }}"
    );
    app.graphql(&query, &json!({ "guestId": guest, "input": input })).await
}

/// The fields that a problem lists.
fn wrong(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.problem(), ("InputInvalid", 2010, "The input is not valid"));
    let fields = answer.field()["fields"].as_array().unwrap();
    fields.iter().map(|problem| problem["field"].as_str().unwrap()).collect()
}

async fn ann(app: &TestApp) -> Value {
    let center = app.center("Home").await.to_string();
    json!({
        "externalId": "crm-1", "givenName": " Ann ", "familyName": "Lee", "email": "ann@example.com",
        "phone": "+49 30 1234", "homeCenterId": center,
    })
}

#[apply(on_each_database)]
async fn a_guest_is_created_with_all_fields(app: TestApp) {
    let input = ann(&app).await;
    let answer = created(&app, input.clone()).await;
    let guest = answer.field();
    let expected = json!({
        "__typename": "Guest", "id": guest["id"], "externalId": "crm-1", "givenName": "Ann", "familyName": "Lee",
        "email": "ann@example.com", "phone": "+49 30 1234", "homeCenter": { "id": input["homeCenterId"] },
    });
    assert_eq!(guest, &expected);
    assert_eq!(app.query(r#"{ guest(by: { externalId: "crm-1" }) { id } }"#).await["id"], guest["id"]);
    let little = created(&app, json!({ "givenName": "Bob", "familyName": "Lee" })).await;
    assert_eq!((&little.field()["externalId"], &little.field()["homeCenter"]), (&Value::Null, &Value::Null));
}

#[apply(on_each_database)]
async fn all_invalid_fields_of_a_guest_are_listed_at_once(app: TestApp) {
    let input = json!({
        "externalId": "", "givenName": " ", "email": "nobody", "phone": "call me", "homeCenterId": "nowhere",
    });
    let fields = ["externalId", "givenName", "familyName", "email", "phone"];
    let refused = created(&app, input.clone()).await;
    assert_eq!(wrong(&refused), fields);
    assert_eq!(refused.field()["fields"][2]["message"], "It is required.");
    let guest = app.guest("ann").await.into();
    assert_eq!(wrong(&updated(&app, &guest, input).await), ["externalId", "givenName", "email", "phone"]);
    assert_eq!(wrong(&updated(&app, &guest, json!({ "familyName": null })).await), ["familyName"]);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM guests").await, 1);
}

#[apply(on_each_database)]
async fn an_unknown_guest_or_center_is_invalid(app: TestApp) {
    let center = app.center("Home").await.to_string().into();
    let guest: Value = app.guest("ann").await.into();
    for unknown in [json!("gst_01kdvdna00e00800000800000z"), json!("nobody"), center] {
        let refused = updated(&app, &unknown, json!({ "phone": null })).await;
        assert_eq!(refused.problem(), ("GuestInvalid", 502, "Invalid guest_id."), "{unknown}");
    }
    for nowhere in [json!("ctr_01kdvdna00e00800000400000z"), json!(""), guest.clone()] {
        let input = json!({ "givenName": "Ann", "familyName": "Lee", "homeCenterId": nowhere });
        for refused in [created(&app, input.clone()).await, updated(&app, &guest, input).await] {
            assert_eq!(refused.problem(), ("CenterInvalid", 502, "Invalid center_id."), "{nowhere}");
        }
    }
}

#[apply(on_each_database)]
async fn omitted_fields_stay_and_null_clears_a_field(app: TestApp) {
    let input = ann(&app).await;
    let guest = created(&app, input).await.field().clone();
    let renamed = updated(&app, &guest["id"], json!({ "familyName": "Li", "email": null, "homeCenterId": null })).await;
    let mut expected = guest.clone();
    expected["familyName"] = "Li".into();
    expected["email"] = Value::Null;
    expected["homeCenter"] = Value::Null;
    assert_eq!(renamed.field(), &expected);
    for nothing_new in [json!({}), json!({ "familyName": "Li", "email": null, "externalId": "crm-1" })] {
        assert_eq!(updated(&app, &guest["id"], nothing_new).await.field(), &expected);
    }
}

#[apply(on_each_database)]
async fn external_ids_of_guests_are_unique(app: TestApp) {
    let taken = ("ExternalIdTaken", 2011, "The external id is already in use");
    let input = json!({ "externalId": "crm-1", "givenName": "Ann", "familyName": "Lee" });
    created(&app, input.clone()).await.field();
    assert_eq!(created(&app, input).await.problem(), taken);
    let bob = created(&app, json!({ "givenName": "Bob", "familyName": "Lee" })).await.field()["id"].clone();
    assert_eq!(updated(&app, &bob, json!({ "externalId": "crm-1" })).await.problem(), taken);
    assert_eq!(updated(&app, &bob, json!({ "externalId": "crm-2" })).await.field()["externalId"], "crm-2");
}

#[apply(on_each_database)]
async fn concurrent_creates_with_one_external_id_create_one_guest(app: TestApp) {
    let servers = servers(app).await;
    let tasks: Vec<_> = (0..20)
        .zip(servers.iter().cycle())
        .map(|(number, server)| {
            let input = json!({ "externalId": "crm-1", "givenName": format!("Ann {number}"), "familyName": "Lee" });
            let client = server.client();
            tokio::spawn(async move { client.graphql(&create(), &json!({ "input": input })).await })
        })
        .collect();
    let answers: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    let got_it = answers.iter().filter(|answer| answer.field()["__typename"] == "Guest").count();
    let taken = answers.iter().filter(|answer| answer.field()["__typename"] == "ExternalIdTaken").count();
    assert_eq!((got_it, taken), (1, 19));
    assert_eq!(servers[0].database.number("SELECT COUNT(*) FROM guests").await, 1);
}

#[apply(on_each_database)]
async fn a_retry_creates_one_guest(app: TestApp) {
    let input = json!({ "givenName": "Ann", "familyName": "Lee", "idempotencyKey": "one" });
    let first = created(&app, input.clone()).await;
    assert_eq!(created(&app, input).await.field(), first.field());
    assert_eq!(app.database.number("SELECT COUNT(*) FROM guests").await, 1);
    let other = created(&app, json!({ "givenName": "Bob", "familyName": "Lee", "idempotencyKey": "one" })).await;
    assert_eq!(other.problem().0, "IdempotencyKeyReused");
    let change = json!({ "familyName": "Li", "idempotencyKey": "one" });
    assert_eq!(updated(&app, &first.field()["id"], change).await.problem().0, "IdempotencyKeyReused");
}

#[apply(on_each_database)]
async fn characters_that_a_person_cannot_see_are_removed_from_names_and_addresses(app: TestApp) {
    let input = json!({
        "givenName": "\u{feff}Ann\u{200b} ", "familyName": "Lee\u{2060}\r\n", "email": " ann\u{200b}@example.com\u{feff}",
        "phone": "\u{202a}+49 30 1234\u{202c}",
    });
    let guest = created(&app, input).await.field().clone();
    let read = |field: &str| guest[field].as_str().unwrap().to_owned();
    let texts = [read("givenName"), read("familyName"), read("email"), read("phone")];
    assert_eq!(texts, ["Ann", "Lee", "ann@example.com", "+49 30 1234"]);
    // A joiner within a name shapes its neighbors. A name of invisible characters alone is missing.
    let persian = updated(&app, &guest["id"], json!({ "familyName": "کریم\u{200c}پور\u{200c}" })).await;
    assert_eq!(persian.field()["familyName"], "کریم\u{200c}پور");
    let input = json!({ "givenName": "\u{3164}\u{200b}", "familyName": "\u{feff}", "email": "a\u{200d}@b" });
    assert_eq!(wrong(&created(&app, input).await), ["givenName", "familyName", "email"]);
}
