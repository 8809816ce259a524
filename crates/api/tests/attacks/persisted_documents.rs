//! Documents that a client registers by their hash, always new ones: some cannot be parsed, some are large.

use macro_rules_attribute::apply;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tests::{TestApp, on_sqlite};

use crate::target::{Attackers, Target};

/// A request that registers a document by its hash.
fn registration(document: &str) -> Value {
    let hash = format!("{:x}", Sha256::digest(document));
    json!({ "query": document, "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } })
}

#[apply(on_sqlite)]
async fn persisted_documents(app: TestApp) {
    let target = Target::start(&app).await;
    let reasons = ["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"];
    target
        .withstand("persisted documents", Attackers::Anonymous, &reasons, |attacker| async move {
            let padding = "x".repeat(60_000);
            let requests = (0_u32..).map(|number| {
                let unique = format!("# {} {number}\n", attacker.number);
                let document = match number % 4 {
                    0 => format!("{unique}{{ unclosed # {padding}"),
                    1 => format!("{unique}{{ unknown(text: \"{padding}\") }}"),
                    2 => format!("{unique}{{ __typename }} # {padding}"),
                    _ => format!("{unique}{{ __typename }}"),
                };
                attacker.post(&registration(&document))
            });
            attacker.send_all(requests).await;
        })
        .await;
}
