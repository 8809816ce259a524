//! Lookups by the id of another system.

use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, on_each_database};

const ENTER: &str = r#"mutation {
    createCenter(input: { externalId: "site-1", name: "Studio", timeZone: "Asia/Kolkata" }) { ... on Center { id } }
    createWorkshop(input: { externalId: "shop-1", title: "Clay" }) { ... on Workshop { id } }
}"#;

#[apply(on_each_database)]
async fn workshops_and_centers_are_found_by_id_or_external_id(app: TestApp) {
    let entered = app.graphql(ENTER, &Value::Null).await;
    let (center, workshop) = (&entered.data()["createCenter"]["id"], &entered.data()["createWorkshop"]["id"]);
    let query = "query ($workshop: ID!, $center: ID!) {
        a: workshopBy(by: { id: $workshop }) { id }       b: workshopBy(by: { externalId: \"shop-1\" }) { id }
        c: centerBy(by: { id: $center }) { id }           d: centerBy(by: { externalId: \"site-1\" }) { id }
        e: workshopBy(by: { externalId: \"site-1\" }) { id } f: centerBy(by: { externalId: \"\" }) { id }
        g: workshopBy(by: { id: $center }) { id }
    }";
    let found = app.graphql(query, &json!({ "workshop": workshop, "center": center })).await;
    let (workshop, center) = (json!({ "id": workshop }), json!({ "id": center }));
    assert_eq!(
        found.data(),
        &json!({ "a": workshop, "b": workshop, "c": center, "d": center, "e": null, "f": null, "g": null })
    );
}

#[apply(on_each_database)]
async fn a_lookup_requires_exactly_one_id(app: TestApp) {
    for by in [r#"{ id: "wks_1", externalId: "shop-1" }"#, "{}", "{ externalId: null }"] {
        let answer = app.graphql(&format!("{{ workshopBy(by: {by}) {{ id }} }}"), &Value::Null).await;
        assert_eq!(answer.error_code(), "GRAPHQL_VALIDATION_FAILED", "{by}");
    }
}

#[apply(on_each_database)]
async fn lookups_of_one_request_share_one_statement(app: TestApp) {
    app.graphql(ENTER, &Value::Null).await.data();
    let lookups: Vec<_> =
        (1..=20).map(|n| format!(r#"a{n}: workshopBy(by: {{ externalId: "shop-{n}" }}) {{ id }}"#)).collect();
    let (statements, answer) = app.statements(app.graphql(&format!("{{ {} }}", lookups.join(" ")), &Value::Null)).await;
    assert!(answer.data()["a1"]["id"].is_string() && answer.data()["a20"].is_null());
    assert_eq!(statements, 1);
}
