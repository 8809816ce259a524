//! Short documents that are expensive to read, expand or validate. The server refuses them, so they cost the client nothing.

use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, on_sqlite};

use crate::target::{Attackers, Target};

/// Fragments that spread the next one twice.
fn doubling_fragments(levels: usize) -> String {
    let fragment = |level| format!("fragment F{level} on Query {{ ...F{next} ...F{next} }} ", next = level + 1);
    let fragments: String = (0..levels).map(fragment).collect();
    format!("{{ ...F0 }} {fragments} fragment F{levels} on Query {{ __typename }}")
}

fn documents() -> Vec<String> {
    let many = |count: usize, text: fn(usize) -> String| (0..count).map(text).collect::<String>();
    let nested = |count: usize, open: &str, inner: &str, close: &str| {
        format!("{}{inner}{}", open.repeat(count), close.repeat(count))
    };
    vec![
        doubling_fragments(22),
        doubling_fragments(60),
        "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }".to_owned(),
        format!("{{ {} }}", many(3_000, |number| format!("a{number}: __typename "))),
        format!("{{ {} }}", many(400, |number| format!("a{number}: __typename "))),
        format!("{{ {} }}", "__typename ".repeat(900)),
        format!("{{ {} }}", "workshops { nodes { id title tracks { id name } } } ".repeat(60)),
        format!("{{ __typename {} }}", "@include(if: true) ".repeat(300)),
        format!("{{ __schema {{ types {{ {} }} }} }}", nested(5, "fields { type { ", "name", " } }")),
        format!("{{ workshops(filter: {}) {{ totalCount }} }}", nested(30_000, "[", "", "]")),
        nested(20_000, "{ a ", "", "}"),
        format!("query ({}) {{ __typename }}", many(400, |number| format!("$v{number}: Int "))),
        format!("{{ workshops(filter: {{ text: \"{}\" }}) {{ totalCount }} }}", "x ".repeat(30_000)),
        "\u{feff}#".repeat(15_000),
    ]
}

#[apply(on_sqlite)]
async fn expanding_documents(app: TestApp) {
    let target = Target::start(&app).await;
    let documents = documents();
    let reasons = ["GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "BAD_USER_INPUT"];
    target
        .withstand("expanding documents", Attackers::Anonymous, &reasons, |attacker| {
            let documents = documents.clone();
            async move {
                // With a number, so that no document is in the cache.
                let request = |(number, document): (usize, String)| -> Value {
                    json!({ "query": format!("{document} # {number}") })
                };
                let all = documents.into_iter().cycle().enumerate();
                let requests = all.map(|document| attacker.post(&request(document)));
                attacker.send_all(requests).await;
            }
        })
        .await;
}
