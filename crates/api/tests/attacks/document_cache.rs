//! Many distinct documents, each with variables of many shapes: the server remembers documents and what it found out about
//! them.

use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, on_sqlite};

use crate::{
    size::ATTACKERS,
    target::{Attackers, Target},
};

/// The shapes of variables that are sent for each document.
const SHAPES: u32 = 64;
/// The entries of a list whose values are part of the shape.
const LIST: usize = 180;

/// A document that is valid, short, and different for each number.
fn short_document(number: u32) -> String {
    format!(
        "query Q{number}($f: WorkshopFilter) {{ workshops(filter: $f, first: 0) {{ pageInfo {{ hasNextPage }} }} }}"
    )
}

/// A document with nearly as many tokens as the limit allows.
fn long_document(number: u32) -> String {
    let fields = "__typename @include(if: true) ".repeat(200);
    format!("query Q{number} {{ workshops(first: 0) {{ nodes {{ {fields} }} }} }}")
}

fn request(number: u32) -> Value {
    let (document, shape) = (number / SHAPES, number % SHAPES);
    if shape == 0 {
        return json!({ "query": long_document(document) });
    }
    let states: Vec<_> = (0..LIST)
        .map(|bit| if bit % 7 == 0 && shape >> (bit / 7 % 6) & 1 == 1 { "DRAFT" } else { "PUBLISHED" })
        .collect();
    json!({ "query": short_document(document), "variables": { "f": { "status": states, "seatsAvailableAtLeast": shape } } })
}

#[apply(on_sqlite)]
async fn many_documents(app: TestApp) {
    let target = Target::start(&app).await;
    let served = target
        .withstand("many documents", Attackers::Anonymous, &[], |attacker| async move {
            let numbers =
                (0..).map(|number| number * u32::from(ATTACKERS) * SHAPES + u32::from(attacker.number) * SHAPES);
            let all = numbers.flat_map(|first| (first..first + SHAPES).map(request));
            attacker.send_all(all.map(|request| attacker.post(&request))).await;
        })
        .await;
    assert!(served > 0, "the documents are valid");
}
