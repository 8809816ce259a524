use axum::{body::Body, http::Request};
use proptest::prelude::*;
use serde_json::{Value, json};
use tests::TestApp;

use super::{changes, fuzz, grammar::SchemaGrammar, mutated, send};

async fn post(app: &TestApp, query: &str, variables: Value) -> Result<(), String> {
    let body = json!({ "query": query, "variables": variables }).to_string();
    send(app, || {
        Request::post("/graphql").header("content-type", "application/json").body(Body::from(body.clone())).ok()
    })
    .await
}

/// A text similar to this one, which can be invalid.
fn similar_to(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let wrong =
        (text, changes()).prop_map(|(text, changes)| String::from_utf8_lossy(&mutated(text, changes)).into_owned());
    prop_oneof![4 => wrong, 1 => any::<String>()]
}

#[test]
fn any_id_finds_something_or_nothing() {
    let id =
        similar_to("(wks|gst|ctr|reg|ses|key|trk)_[0-7][0-9a-hjkmnp-tv-z]{25}|trk_-?[0-9]{1,12}".prop_map(|id| id));
    fuzz(&id, async |app, id| {
        let query = "query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id, $id]) { id } workshop(id: $id) { id }
            guest(by: { id: $id }) { id } center(id: $id) { id } registration(id: $id) { id }
            workshops(filter: { centerId: $id }) { totalCount } changes(workshopId: $id) { nodes { kind } } }";
        post(app, query, json!({ "id": id })).await
    });
}

#[test]
fn any_cursor_is_accepted_or_rejected() {
    let lists = SchemaGrammar::from_schema().queries_with("after");
    assert!(lists.len() >= 4, "{lists:?}");
    let cursor = similar_to("[A-Za-z0-9_-]{0,80}={0,2}".prop_map(|cursor| cursor));
    // Either the first cursor of the list with changes, or an arbitrary text.
    let strategy = (prop::sample::select(lists), cursor, changes(), any::<bool>(), any::<bool>());
    fuzz(&strategy, async |app, (list, cursor, changes, real, forward)| {
        let cursor = if real {
            let first = app.query(&format!("{{ {list}(first: 1) {{ edges {{ cursor }} }} }}")).await;
            let first = first["edges"][0]["cursor"].as_str().unwrap_or_default().to_owned();
            String::from_utf8_lossy(&mutated(first, changes)).into_owned()
        } else {
            cursor
        };
        let arguments = if forward { "first: 2, after: $c" } else { "last: 2, before: $c" };
        let query =
            format!("query ($c: String) {{ {list}({arguments}) {{ edges {{ cursor }} pageInfo {{ hasNextPage }} }} }}");
        post(app, &query, json!({ "c": cursor })).await
    });
}
