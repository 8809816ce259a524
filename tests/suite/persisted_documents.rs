//! Automatic persisted queries: a client sends a document once with its hash, and then only the hash.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tests::{Answer, TestApp, a_workshop, on_each_database};

const DOCUMENT: &str = "query Names($first: Int) { workshops(first: $first) { nodes { title seatsTaken } } }";
/// The SHA-256 of the document, as `sha256sum` prints it.
const HASH: &str = "92a4161efd71c76944c1f1ec292a6b80138ee8405e98b6969ff628b27e702c01";
const ANOTHER_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

fn extensions(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

fn sha256(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

async fn by_hash(app: &TestApp, hash: &str) -> Answer {
    app.post(&json!({ "variables": { "first": 1 }, "extensions": extensions(hash) }).to_string()).await
}

async fn with_document(app: &TestApp, document: &str, hash: &str) -> Answer {
    let body = json!({ "query": document, "variables": { "first": 1 }, "extensions": extensions(hash) });
    app.post(&body.to_string()).await
}

async fn get(app: &TestApp, parameters: &[(&str, String)], headers: &[(&str, &str)]) -> Answer {
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
    let query: Vec<_> = parameters.iter().map(|(name, text)| format!("{name}={}", encode(text))).collect();
    let request = Request::get(format!("/graphql?{}", query.join("&")));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    app.send(request.body(Body::empty()).unwrap()).await
}

#[apply(on_each_database)]
async fn an_unknown_document_is_sent_once_with_its_hash(app: TestApp) {
    app.given(a_workshop().title("Clay")).await;
    let unknown = by_hash(&app, HASH).await;
    assert_eq!(
        (unknown.status, unknown.error_message(), unknown.error_code()),
        (StatusCode::OK, "PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
    );
    assert_eq!(unknown.header("cache-control"), Some("no-store"));
    let clay = json!({ "nodes": [{ "title": "Clay", "seatsTaken": 0 }] });
    assert_eq!(with_document(&app, DOCUMENT, HASH).await.field(), &clay);
    assert_eq!(by_hash(&app, HASH).await.field(), &clay);
    // Some clients send an empty document instead of none.
    let empty = with_document(&app, "", HASH).await;
    assert_eq!(empty.field(), &clay);
}

#[apply(on_each_database)]
async fn a_hash_of_another_document_is_rejected_and_not_stored(app: TestApp) {
    let mismatch = with_document(&app, DOCUMENT, ANOTHER_HASH).await;
    assert_eq!((mismatch.status, mismatch.error_code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"));
    assert_eq!(by_hash(&app, ANOTHER_HASH).await.error_code(), "PERSISTED_QUERY_NOT_FOUND");
    for wrong in [
        json!({ "version": 2, "sha256Hash": HASH }),
        json!({ "sha256Hash": HASH }),
        json!({ "version": 1 }),
        json!({ "version": 1, "sha256Hash": 7 }),
        json!({ "version": 1, "sha256Hash": "abc" }),
        json!("persisted"),
        json!(null),
    ] {
        let answer =
            app.post(&json!({ "query": DOCUMENT, "extensions": { "persistedQuery": wrong } }).to_string()).await;
        assert_eq!((answer.status, answer.error_code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"), "{wrong}");
    }
}

#[apply(on_each_database)]
async fn a_text_that_is_no_document_is_not_stored(app: TestApp) {
    let deep = format!("{{ a(b: {}{}) }}", "[".repeat(100), "]".repeat(100));
    let hash = "8197823096d60b91662143a0286493f66eb26f4365e3d6c6441bbf268a6a8e4d";
    assert_eq!(with_document(&app, &deep, hash).await.error_code(), "GRAPHQL_PARSE_FAILED");
    assert_eq!(by_hash(&app, hash).await.error_code(), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(with_document(&app, DOCUMENT, HASH).await.status, StatusCode::OK);
    // Ten MiB of such texts, more than all stored documents take.
    for number in 0..160 {
        let junk = format!("{{{number} {}", "(".repeat(64_000));
        assert_eq!(with_document(&app, &junk, &sha256(&junk)).await.error_code(), "GRAPHQL_PARSE_FAILED");
    }
    assert!(by_hash(&app, HASH).await.field()["nodes"].is_array(), "the stored document is not evicted");
}

#[apply(on_each_database)]
async fn a_hash_in_capitals_is_the_same_hash(app: TestApp) {
    let capitals = HASH.to_uppercase();
    assert_eq!(with_document(&app, DOCUMENT, &capitals).await.status, StatusCode::OK);
    for hash in [HASH, &capitals] {
        for body in [json!({ "extensions": extensions(hash) }), json!({ "documentId": format!("sha256:{hash}") })] {
            assert!(app.post(&body.to_string()).await.field()["nodes"].is_array(), "{body}");
        }
    }
}

#[apply(on_each_database)]
async fn a_persisted_query_by_get_is_cached_until_the_response_changes(app: TestApp) {
    let workshop = app.given(a_workshop().title("Clay")).await;
    let parameters = [("variables", json!({ "first": 1 }).to_string()), ("extensions", extensions(HASH).to_string())];
    assert_eq!(get(&app, &parameters, &[]).await.error_code(), "PERSISTED_QUERY_NOT_FOUND");
    let mut whole = parameters.to_vec();
    whole.push(("query", DOCUMENT.to_owned()));
    let sent = get(&app, &whole, &[]).await;
    assert_eq!((&sent.field()["nodes"][0]["title"], sent.header("cache-control")), (&json!("Clay"), Some("no-store")));

    let first = get(&app, &parameters, &[]).await;
    assert_eq!(first.field(), sent.field());
    assert_eq!(first.header("cache-control"), Some("private, no-cache"));
    let tag = first.header("etag").unwrap();
    let again = get(&app, &parameters, &[("if-none-match", &format!("\"else\", W/{tag}"))]).await;
    assert_eq!((again.status, &again.body, again.header("etag")), (StatusCode::NOT_MODIFIED, &json!(""), Some(tag)));

    app.register(&workshop, "ann").await.registration();
    let changed = get(&app, &parameters, &[("if-none-match", tag)]).await;
    assert_eq!((changed.status, &changed.field()["nodes"][0]["seatsTaken"]), (StatusCode::OK, &json!(1)));
    assert_ne!(changed.header("etag"), Some(tag));
}

#[apply(on_each_database)]
async fn a_persisted_mutation_by_get_is_rejected(app: TestApp) {
    let document = "mutation { markNoShow(registrationId: \"reg_1\") { __typename } }";
    let hash = "0e687293302a606ce16a5608d9165ac58859c36ecb7eb262c0a215c2b871ee77";
    assert_eq!(with_document(&app, document, hash).await.field()["__typename"], "RegistrationIdInvalid");
    let answer = get(&app, &[("extensions", extensions(hash).to_string())], &[]).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}
