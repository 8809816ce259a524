//! Lookups by the id of another system.

use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, a_workshop, on_each_database};

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

#[apply(on_each_database)]
async fn a_new_external_id_has_no_characters_that_a_person_cannot_see(app: TestApp) {
    let center: Value = app.center("Home").await.to_string().into();
    let guest: Value = app.guest("ann").await.into();
    let workshop: Value = app.given(a_workshop()).await.id.into();
    for unclean in ["\u{feff}crm-1", " crm-1", "crm-1\u{a0}", "crm\u{200b}-1", "crm\u{200d}-1"] {
        for (mutation, subject, mut input) in [
            ("createGuest(input: $input)", &Value::Null, json!({ "givenName": "A", "familyName": "B" })),
            ("updateGuest(guestId: $id, input: $input)", &guest, json!({})),
            ("createCenter(input: $input)", &Value::Null, json!({ "name": "C", "timeZone": "Asia/Kolkata" })),
            ("updateCenter(centerId: $id, input: $input)", &center, json!({})),
            ("createWorkshop(input: $input)", &Value::Null, json!({ "title": "W" })),
            ("updateWorkshop(workshopId: $id, input: $input)", &workshop, json!({})),
        ] {
            input["externalId"] = unclean.into();
            let declared = if subject.is_null() { "" } else { "$id: ID!, " };
            let name = mutation.split('(').next().unwrap();
            let kind = match name {
                "createWorkshop" | "updateWorkshop" => format!("{}{}Input", name[..1].to_uppercase(), &name[1..]),
                _ => format!("{}Input", &name[6..]),
            };
            let query = format!(
                "mutation ({declared}$input: {kind}!) {{ {mutation} {{
                    ... on InputInvalid {{ fields {{ field message }} }} }} }}"
            );
            let refused = app.graphql(&query, &json!({ "id": subject, "input": input })).await;
            let message =
                "A new external id has no spaces around it and no invisible characters, such as a byte order mark.";
            assert_eq!(refused.field()["fields"], json!([{ "field": "externalId", "message": message }]), "{name}");
        }
        let import = "mutation ($guests: [ImportGuestInput!]!) { importGuests(input: { guests: $guests }) {
            ... on ImportGuestsSuccess { results { outcome problems { __typename } } } } }";
        let row = json!({ "externalId": unclean, "givenName": "A", "familyName": "B" });
        let imported = app.graphql(import, &json!({ "guests": [row] })).await;
        let refused = json!([{ "outcome": null, "problems": [{ "__typename": "InputInvalid" }] }]);
        assert_eq!(imported.field()["results"], refused);
    }
    assert_eq!(app.database.number("SELECT COUNT(*) FROM guests").await, 1);
}

#[apply(on_each_database)]
async fn an_existing_external_id_keeps_working_as_it_is(app: TestApp) {
    let old = " \u{feff}crm-1 ";
    let guest: Value = app.guest("ann").await.into();
    let workshop: Value = app.given(a_workshop()).await.id.into();
    // An earlier version accepted such an id.
    for table in ["guests", "centers", "workshops"] {
        assert_eq!(app.database.execute(&format!("UPDATE {table} SET external_id = '{old}'")).await.unwrap(), 1);
    }
    let lookup = "query ($id: String!) { guest(by: { externalId: $id }) { id }
        guests(filter: { externalId: $id }) { nodes { id } } }";
    let found = app.graphql(lookup, &json!({ "id": old })).await;
    assert_eq!((&found.data()["guest"]["id"], &found.data()["guests"]["nodes"][0]["id"]), (&guest, &guest));
    assert_eq!(app.graphql(lookup, &json!({ "id": "crm-1" })).await.data()["guest"], Value::Null, "it is another id");
    assert_eq!(app.store.resolve_guest(old).await.unwrap().map(|id| id.to_string().into()), Some(guest.clone()));

    let import = "mutation ($guests: [ImportGuestInput!]!) { importGuests(input: { guests: $guests }) {
        ... on ImportGuestsSuccess { results { outcome guest { id } } } } }";
    let row = json!({ "externalId": old, "phone": "123" });
    let imported = app.graphql(import, &json!({ "guests": [row] })).await;
    assert_eq!(imported.field()["results"], json!([{ "outcome": "UPDATED", "guest": { "id": guest } }]));
    let update = "mutation ($id: ID!, $input: GuestInput!) { updateGuest(guestId: $id, input: $input) {
        ... on Guest { phone externalId } } }";
    let input = json!({ "externalId": old, "phone": "124" });
    let updated = app.graphql(update, &json!({ "id": guest, "input": input })).await;
    assert_eq!(updated.field(), &json!({ "phone": "124", "externalId": old }));
    let retitle = "mutation ($id: ID!, $old: String) { updateWorkshop(workshopId: $id, input: { title: \"T\", externalId: $old }) {
        ... on UpdateWorkshopSuccess { workshop { title } } } }";
    let retitled = app.graphql(retitle, &json!({ "id": workshop, "old": old })).await;
    assert_eq!(retitled.field()["workshop"]["title"], "T");
    let rename =
        "mutation ($id: ID!, $old: String) { updateCenter(centerId: $id, input: { name: \"N\", externalId: $old }) {
        ... on Center { name } } }";
    let center = app.query("{ centers { nodes { id } } }").await["nodes"][0]["id"].clone();
    assert_eq!(app.graphql(rename, &json!({ "id": center, "old": old })).await.field()["name"], "N");
    let clean = app.graphql(update, &json!({ "id": guest, "input": { "externalId": "crm-1" } })).await;
    assert_eq!(clean.field()["externalId"], "crm-1");
}
