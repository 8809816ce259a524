//! Requests with long texts in places where the server expects short ones: methods, paths, headers, names and ids.

use macro_rules_attribute::apply;
use serde_json::json;
use tests::{TestApp, on_sqlite};

use crate::target::{Attackers, Target};

const LONG: usize = 200_000;

#[apply(on_sqlite)]
async fn long_names(app: TestApp) {
    let target = Target::start(&app).await;
    let reasons = [
        "BAD_REQUEST",
        "BAD_USER_INPUT",
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        "UNAUTHENTICATED",
        // The HTTP library refuses heads that are longer than its buffer.
        "status 414",
        "status 431",
    ];
    target
        .withstand("long names", Attackers::Anonymous, &reasons, |attacker| async move {
            let long = "X".repeat(LONG);
            let host = format!("host: {}\r\n", attacker.host);
            let mut requests: Vec<_> = [
                format!("{long} /graphql HTTP/1.1\r\n{host}\r\n"),
                format!("GET /{} HTTP/1.1\r\n{host}\r\n", &long[..60_000]),
                format!("GET /graphql?query={{__typename}}&operationName={} HTTP/1.1\r\n{host}\r\n", &long[..60_000]),
                format!("GET /health HTTP/1.1\r\n{host}x-request-id: {long}\r\n\r\n"),
                format!("GET /health HTTP/1.1\r\n{host}traceparent: {long}\r\n\r\n"),
                format!("GET /health HTTP/1.1\r\n{host}x-forwarded-for: {long}\r\n\r\n"),
                format!("GET /graphql?query={{__typename}} HTTP/1.1\r\n{host}authorization: apikey {long}\r\n\r\n"),
                format!(
                    "GET /graphql?query={{__typename}} HTTP/1.1\r\n{host}authorization: bearer {long}.{long}.x\r\n\r\n"
                ),
            ]
            .map(String::into_bytes)
            .into();
            requests.push(attacker.post(&json!({ "query": "{ __typename }", "operationName": long })));
            requests.push(attacker.post(&json!({ "query": format!("query {} {{ __typename }}", &long[..60_000]) })));
            requests.push(attacker.post(&json!({ "query": format!("{{ {} }}", &long[..60_000]) })));
            attacker.send_all(requests.into_iter().cycle()).await;
        })
        .await;
}
