//! Whether the cost of an operation is honest: no operation buys much more than another for the same cost.
//!
//! A generator writes an operation for each field of the schema, alone and with aliases, behind small and large pages, and
//! for each cycle of the schema as deep as the limits allow. The tests count what each operation takes: bytes of the
//! response, allocations (for processor time), memory and statements. They count and do not measure time, so that they
//! have the same result on every machine. This is a binary of its own, because it counts all allocations of a thread.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod dataset;
mod documents;
mod measurement;

use std::collections::BTreeMap;

use dataset::Dataset;
use documents::Documents;
use measurement::{Measurement, Resource, measure};

/// How many times the median of all operations a point of cost may buy.
const MAX_TIMES_MEDIAN: u64 = 20;

/// The most memory that a response takes until it is stopped, in bytes.
const MAX_MEMORY: u64 = 128 * 1024 * 1024;

/// A point is divided into this many parts, so that whole numbers express what it buys.
const PARTS: u64 = 1_000;

#[test]
fn a_point_of_cost_never_buys_twenty_times_the_median() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let data = runtime.block_on(Dataset::new());
    // What every request takes.
    let base = measure(&runtime, &data.app, "{ __typename }").expect("an answer");
    let documents = Documents::of_schema(&data).all();
    let measured: Vec<(&str, Measurement)> = documents
        .iter()
        .filter_map(|document| Some((document.as_str(), measure(&runtime, &data.app, document)?.without(&base))))
        .collect();
    assert!(measured.len() > 500, "{} operations", measured.len());
    let mut findings = Vec::new();
    for resource in Resource::ALL {
        let mut bought: Vec<(u64, &str)> =
            measured.iter().map(|(document, taken)| (taken.of(resource) * PARTS / taken.cost, *document)).collect();
        bought.sort_unstable();
        let (median, _) = bought[bought.len() / 2];
        let limit = match resource {
            // Any number of rows share a statement, so the median operation has far less than one for a point.
            Resource::Statements => PARTS,
            _ => median * MAX_TIMES_MEDIAN,
        };
        let expensive = bought.iter().rev().take_while(|(parts, _)| *parts > limit);
        findings.extend(expensive.map(|(parts, document)| {
            let times = parts / median.max(1);
            format!("{times} times the median of {resource:?}, {parts} for {PARTS} points: {document:.300}")
        }));
    }
    assert!(findings.is_empty(), "{} findings\n{}", findings.len(), findings.join("\n"));
}

#[test]
fn every_object_of_a_response_is_counted() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let data = Dataset::new().await;
        let (mut uncounted, mut compared) = (BTreeMap::new(), 0);
        for (subject, document) in Documents::of_schema(&data).lists() {
            let answer = data.app.graphql(&document, &serde_json::Value::Null).await;
            // The root is not one of the objects that are counted.
            let objects = measurement::objects(answer.data()) - 1;
            if objects < 10 {
                continue;
            }
            let refused = data.with_objects(objects - 1).await.graphql(&document, &serde_json::Value::Null).await;
            let allowed = data.with_objects(objects).await.graphql(&document, &serde_json::Value::Null).await;
            compared += 1;
            if refused.body.get("errors").is_none() || allowed.body.get("errors").is_some() {
                uncounted.insert(subject, document);
            }
        }
        assert!(compared >= 8, "{compared} types in lists");
        assert!(uncounted.is_empty(), "not counted exactly once: {uncounted:#?}");
    });
}

#[test]
fn a_stopped_response_has_taken_little_memory() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let data = runtime.block_on(Dataset::new());
    let server = runtime.block_on(data.without_cost());
    for inner in [
        "id",
        "center { id }",
        "center { workshops(first: 100) { nodes { id title } } }",
        "track { workshop { description } }",
    ] {
        let (open, close) = ("sessions { track { ".repeat(4), "} } ".repeat(4));
        let document = format!(
            "{{ workshop(id: \"{}\") {{ tracks {{ {open} sessions {{ {inner} }} {close} }} }} }}",
            data.workshop
        );
        runtime.block_on(server.graphql("{ __typename }", &serde_json::Value::Null));
        let taken = allocation_counter::measure(|| {
            let answer = runtime.block_on(server.graphql(&document, &serde_json::Value::Null));
            assert_eq!(answer.error_code(), "RESPONSE_TOO_LARGE", "{document}");
        });
        assert!(taken.bytes_max < MAX_MEMORY, "{} bytes: {document}", taken.bytes_max);
    }
}
