use axum::{body::Body, http::Request};
use proptest::prelude::*;
use serde_json::json;

use super::{ask, fuzz, grammar::Words};

#[test]
fn generated_documents_are_answered_or_rejected() {
    let words = Words::of_the_schema();
    let document = prop::collection::vec(any::<u8>(), 0..400).prop_map(move |tape| words.document(&tape));
    fuzz(&(document, any::<bool>()), async |app, ((query, variables), events)| {
        let body = json!({ "query": query, "variables": variables }).to_string();
        // A subscription that begins has no end, so it is asked for as JSON.
        let accept = if events && !query.starts_with("subscription") { "text/event-stream" } else { "*/*" };
        ask(app, || {
            let request = Request::post("/graphql").header("content-type", "application/json").header("accept", accept);
            request.body(Body::from(body.clone())).ok()
        })
        .await
    });
}
