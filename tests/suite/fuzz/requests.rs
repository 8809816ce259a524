use axum::{body::Body, http::Request};
use proptest::prelude::*;
use serde_json::json;
use tests::{REGISTER, percent_encode};

use super::{changes, fuzz, mutated, send};

/// A valid body.
fn body() -> impl Strategy<Value = String> {
    let hash = "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b";
    let input = json!({ "trackId": 1, "guestId": "gst_x", "centerId": "ctr_x", "waitlist": false });
    prop::sample::select(vec![
        json!({ "query": "{ __typename }" }).to_string(),
        json!({ "query": REGISTER, "variables": { "workshopId": "wks_x", "input": input } }).to_string(),
        json!({ "query": "{ workshops(first: 2, filter: { text: \"a\" }) { edges { cursor } } }" }).to_string(),
        json!({ "query": "query A { __typename } query B { viewer { __typename } }", "operationName": "B" })
            .to_string(),
        json!({ "query": "{ __typename }", "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } })
            .to_string(),
    ])
}

fn header_value() -> impl Strategy<Value = Vec<u8>> {
    let realistic = "application/json|text/event-stream|\\*/\\*;q=0|application/graphql-response\\+json; charset=utf-8|\
        bearer x|apikey [a-z_]{0,20}|null|W/\"x\"|[0-9.,: ]{0,20}";
    prop_oneof![realistic.prop_map(String::into_bytes), prop::collection::vec(any::<u8>(), 0..40)]
}

#[test]
fn any_body_is_answered_or_rejected() {
    let wrong = (body(), changes()).prop_map(|(body, changes)| mutated(body, changes));
    let body = prop_oneof![1 => prop::collection::vec(any::<u8>(), 0..300), 4 => wrong];
    fuzz(&body, async |app, body| {
        send(app, || {
            Request::post("/graphql").header("content-type", "application/json").body(Body::from(body.clone())).ok()
        })
        .await
    });
}

#[test]
fn any_headers_are_answered_or_rejected() {
    const NAMES: [&str; 10] = [
        "accept",
        "content-type",
        "authorization",
        "origin",
        "sec-fetch-site",
        "x-request-id",
        "x-forwarded-for",
        "host",
        "if-none-match",
        "upgrade",
    ];
    let headers = prop::collection::vec((prop::sample::select(NAMES.to_vec()), header_value()), 0..6);
    let path = prop::sample::select(vec!["/graphql", "/graphql/ws", "/", "/health", "/playground/assets/%00"]);
    fuzz(&(headers, path, any::<bool>()), async |app, (headers, path, posts)| {
        send(app, || {
            let request =
                if posts { Request::post(path) } else { Request::get(format!("{path}?query=%7B__typename%7D")) };
            let request =
                headers.iter().fold(request, |request, (name, value)| request.header(*name, value.as_slice()));
            request.body(Body::from(r#"{"query":"{ __typename }"}"#)).ok()
        })
        .await
    });
}

#[test]
fn any_address_is_answered_or_rejected() {
    let name = prop::sample::select(vec!["query", "variables", "operationName", "extensions", "x"]);
    let text = prop_oneof![
        "\\{ ?(__typename|workshops\\(first: [0-9]{1,12}\\) \\{ totalCount \\}) ?\\}".prop_map(String::into_bytes),
        "\\{\"[a-z]{1,14}\":(1|null|\"x\"|\\[\\]|\\{\\})\\}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..60),
    ];
    let parameters = prop::collection::vec((name, text, any::<bool>()), 0..5);
    fuzz(&parameters, async |app, parameters| {
        let raw = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        let parameters = parameters
            .iter()
            .map(|(name, text, is_raw)| format!("{name}={}", if *is_raw { raw(text) } else { percent_encode(text) }));
        let address = format!("/graphql?{}", parameters.collect::<Vec<_>>().join("&"));
        send(app, || Request::get(&address).body(Body::empty()).ok()).await
    });
}
