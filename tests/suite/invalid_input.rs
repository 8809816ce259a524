//! Invalid input returns a typed problem or an error code, writes no rows and reveals no internals.

use axum::http::StatusCode;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, REGISTER, TestApp, a_workshop, on_each_database};

/// Words that only leaked internals would contain.
const INTERNAL: [&str; 9] =
    ["sqlx", "sea_orm", "DbErr", "SELECT", "panicked", ".rs:", "serde", "StoreError", "expected value"];

fn assert_nothing_internal(answer: &Answer) {
    let text = answer.body.to_string();
    for word in INTERNAL {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

#[apply(on_each_database)]
async fn an_invalid_document_or_variable_returns_an_error_code(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let input = app.input(&workshop, "ann").await;
    let register = |field: &str, value: Value| {
        let mut input = input.clone();
        input[field] = value;
        json!({ "query": REGISTER, "variables": { "workshopId": workshop.id, "input": input } })
    };
    let query = |text: &str| json!({ "query": text });
    for (body, code) in [
        (query(""), "GRAPHQL_PARSE_FAILED"),
        (query("{"), "GRAPHQL_PARSE_FAILED"),
        (query("\u{0}\u{1}"), "GRAPHQL_PARSE_FAILED"),
        // These documents would overflow the parser's stack.
        (query(&format!("{{ node(id: {}", "[".repeat(5_000))), "GRAPHQL_PARSE_FAILED"),
        (query(&format!("{{ a @skip(if: {}", "{a:".repeat(5_000))), "GRAPHQL_PARSE_FAILED"),
        (query("{ nonsense }"), "GRAPHQL_VALIDATION_FAILED"),
        (query("{ workshop }"), "GRAPHQL_VALIDATION_FAILED"),
        (query("{ workshop(id: {}) { id } }"), "GRAPHQL_VALIDATION_FAILED"),
        (query("query ($id: ID!) { workshop(id: $id) { id } }"), "BAD_USER_INPUT"),
        (query("{ guest(by: {}) { id } }"), "GRAPHQL_VALIDATION_FAILED"),
        (query("query a { __typename } query b { __typename }"), "BAD_USER_INPUT"),
        (json!({ "query": "query a { __typename }", "operationName": "b" }), "BAD_USER_INPUT"),
        (query("{ workshops(first: -1) { totalCount } }"), "BAD_USER_INPUT"),
        (query("{ workshops(first: 101) { totalCount } }"), "BAD_USER_INPUT"),
        (query("{ workshops(first: 1, last: 1) { totalCount } }"), "BAD_USER_INPUT"),
        (query("{ workshops(first: 99999999999) { totalCount } }"), "BAD_USER_INPUT"),
        (query("{ workshops(after: \"nonsense\") { totalCount } }"), "BAD_USER_INPUT"),
        (query(&deep_query(16)), "GRAPHQL_VALIDATION_FAILED"),
        (query(&costly_query()), "GRAPHQL_VALIDATION_FAILED"),
        (register("trackId", json!(99_999_999_999_i64)), "BAD_USER_INPUT"),
        (register("trackId", json!("one")), "GRAPHQL_VALIDATION_FAILED"),
        (register("trackId", json!(1.5)), "GRAPHQL_VALIDATION_FAILED"),
        (register("waitlist", Value::Null), "GRAPHQL_VALIDATION_FAILED"),
        (register("unknown", json!(1)), "GRAPHQL_VALIDATION_FAILED"),
        (register("guestId", json!(["x"])), "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let answer = app.post(&body.to_string()).await;
        assert_eq!(answer.error_code(), code, "{body:#} {:#}", answer.body);
        assert_nothing_internal(&answer);
    }
    assert_eq!(app.database.number("SELECT COUNT(*) FROM registrations").await, 0);
}

fn deep_query(levels: usize) -> String {
    format!(
        "{{ center(id: \"x\") {} id {} }}",
        "{ workshops { nodes { centers ".repeat(levels / 3),
        "} } }".repeat(levels / 3)
    )
    .replacen("centers  id", "centers { id }", 1)
}

fn costly_query() -> String {
    "{ workshops(first: 100) { nodes { registrations(first: 100) { nodes { id status fromWaitlist } } } } }".to_owned()
}

#[apply(on_each_database)]
async fn a_body_that_is_not_a_graphql_request_is_rejected(app: TestApp) {
    for (body, status) in [
        ("", StatusCode::BAD_REQUEST),
        ("{", StatusCode::BAD_REQUEST),
        ("null", StatusCode::BAD_REQUEST),
        ("[]", StatusCode::BAD_REQUEST),
        ("[{\"query\":\"{ __typename }\"}]", StatusCode::BAD_REQUEST),
        ("\"{ __typename }\"", StatusCode::BAD_REQUEST),
        ("{}", StatusCode::BAD_REQUEST),
        ("{\"query\":1}", StatusCode::BAD_REQUEST),
        ("{\"query\":\"{ __typename }\",\"variables\":[]}", StatusCode::BAD_REQUEST),
        ("{\"query\":\"{ __typename }\",\"variables\":\"{}\"}", StatusCode::BAD_REQUEST),
        ("{\"query\":\"{ __typename }\",\"operationName\":1}", StatusCode::BAD_REQUEST),
        ("{\"query\":\"{ __typename }\",\"extensions\":1}", StatusCode::BAD_REQUEST),
        (&"[".repeat(10_000), StatusCode::BAD_REQUEST),
        (&format!("{{\"query\":\"{}\"}}", " ".repeat(1_000_000)), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let answer = app.post(body).await;
        assert_eq!((answer.status, answer.error_code()), (status, "BAD_REQUEST"), "{body:.80}");
        assert_nothing_internal(&answer);
    }
}

#[apply(on_each_database)]
async fn hostile_ids_find_nothing(app: TestApp) {
    let long = "w".repeat(50_000);
    for id in
        ["", " ", "wks_", "'; DROP TABLE workshops; --", "\u{0}", "💥", "wks_01kdvdna00e00800000c00000\u{0}", &long]
    {
        let nodes = "query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } workshop(id: $id) { id }
            registration(id: $id) { id } center(id: $id) { id } byId: guest(by: { id: $id }) { id }
            workshops(filter: { centerId: $id }) { totalCount nodes { id } } }";
        let answer = app.graphql(nodes, &json!({ "id": id })).await;
        let nothing = json!({ "node": null, "nodes": [null], "workshop": null, "registration": null, "center": null,
            "byId": null, "workshops": { "totalCount": 0, "nodes": [] } });
        assert_eq!(answer.data(), &nothing, "{id:.40}");
        let external = "query ($id: String!) { guest(by: { externalId: $id }) { id }
            workshops(filter: { externalId: $id }) { totalCount } }";
        let answer = app.graphql(external, &json!({ "id": id })).await;
        assert_eq!(answer.data(), &json!({ "guest": null, "workshops": { "totalCount": 0 } }), "{id:.40}");
    }
}
