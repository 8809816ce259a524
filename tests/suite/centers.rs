//! Centers are created and updated.

use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, TestApp, on_each_database};

const SELECTED: &str = "__typename
    ... on Center { id externalId name timeZone }
    ... on Problem { code message }
    ... on InputInvalid { fields { field message } }";

async fn created(app: &TestApp, input: Value) -> Answer {
    let query = format!("mutation ($input: CenterInput!) {{ createCenter(input: $input) {{ {SELECTED} }} }}");
    app.graphql(&query, &json!({ "input": input })).await
}

async fn updated(app: &TestApp, center: &Value, input: Value) -> Answer {
    let query = format!(
        "mutation ($id: ID!, $input: CenterInput!) {{ updateCenter(centerId: $id, input: $input) {{ {SELECTED} }} }}"
    );
    app.graphql(&query, &json!({ "id": center, "input": input })).await
}

#[apply(on_each_database)]
async fn a_center_is_created_and_updated(app: TestApp) {
    let input = json!({ "externalId": "site-1", "name": " Canal ", "timeZone": "Asia/Kolkata" });
    let answer = created(&app, input).await;
    let center = answer.field();
    let expected = json!({
        "__typename": "Center", "id": center["id"], "externalId": "site-1", "name": "Canal", "timeZone": "Asia/Kolkata",
    });
    assert_eq!(center, &expected);
    let moved = updated(&app, &center["id"], json!({ "externalId": null, "timeZone": "Europe/Berlin" })).await;
    let mut expected = expected;
    expected["externalId"] = Value::Null;
    expected["timeZone"] = "Europe/Berlin".into();
    assert_eq!(moved.field(), &expected);
    assert_eq!(updated(&app, &center["id"], json!({})).await.field(), &expected, "nothing is different");
}

#[apply(on_each_database)]
async fn all_invalid_fields_of_a_center_are_listed_at_once(app: TestApp) {
    for (input, named) in [
        (json!({}), json!(["It is required.", "It is required."])),
        (
            json!({ "name": "a\u{7}b", "timeZone": "Mars/Olympus" }),
            json!([
                "A name has 1 to 200 characters, not counting spaces around it, and no control characters.",
                "A time zone is an IANA name, for example Asia/Kolkata."
            ]),
        ),
        (json!({ "name": null, "timeZone": null }), json!(["It cannot be null.", "It cannot be null."])),
    ] {
        let refused = created(&app, input).await;
        assert_eq!(refused.problem(), ("InputInvalid", 2010, "The input is not valid"));
        let fields = refused.field()["fields"].as_array().unwrap();
        assert_eq!(fields.iter().map(|problem| &problem["field"]).collect::<Vec<_>>(), ["name", "timeZone"]);
        assert_eq!(fields.iter().map(|problem| problem["message"].clone()).collect::<Value>(), named);
    }
    assert_eq!(app.database.number("SELECT COUNT(*) FROM centers").await, 0);
}

#[apply(on_each_database)]
async fn an_unknown_center_is_invalid_and_external_ids_are_unique(app: TestApp) {
    for nowhere in ["ctr_01kdvdna00e00800000400000z", "nowhere"] {
        let refused = updated(&app, &nowhere.into(), json!({ "name": "Canal" })).await;
        assert_eq!(refused.problem(), ("CenterInvalid", 502, "Invalid center_id."));
    }
    let taken = ("ExternalIdTaken", 2011, "The external id is already in use");
    let input = json!({ "externalId": "site-1", "name": "Canal", "timeZone": "UTC" });
    created(&app, input.clone()).await.field();
    assert_eq!(created(&app, input).await.problem(), taken);
    let other = app.center("Other").await.to_string().into();
    assert_eq!(updated(&app, &other, json!({ "externalId": "site-1" })).await.problem(), taken);
}

#[apply(on_each_database)]
async fn a_retry_creates_one_center(app: TestApp) {
    let input = json!({ "name": "Canal", "timeZone": "UTC", "idempotencyKey": "one" });
    let first = created(&app, input.clone()).await;
    assert_eq!(created(&app, input).await.field(), first.field());
    assert_eq!(app.database.number("SELECT COUNT(*) FROM centers").await, 1);
}
