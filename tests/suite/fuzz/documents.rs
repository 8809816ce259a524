use axum::{body::Body, http::Request};
use proptest::prelude::*;
use serde_json::json;

use super::{fuzz, grammar::SchemaGrammar, send};

#[test]
fn generated_documents_are_answered_or_rejected() {
    let grammar = SchemaGrammar::from_schema();
    let document = prop::collection::vec(any::<u8>(), 0..400).prop_map(move |choices| grammar.document(&choices));
    fuzz(&(document, any::<bool>()), async |app, ((query, variables), events)| {
        let body = json!({ "query": query, "variables": variables }).to_string();
        // A subscription has no end, so it is requested as JSON and rejected.
        let accept = if events && !query.starts_with("subscription") { "text/event-stream" } else { "*/*" };
        send(app, || {
            let request = Request::post("/graphql").header("content-type", "application/json").header("accept", accept);
            request.body(Body::from(body.clone())).ok()
        })
        .await
    });
}
