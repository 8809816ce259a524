//! Servers that run only the documents that the operator trusts.

use api::{IngressPolicy, TrustedDocuments};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, Socket, TestApp, a_workshop, on_each_database};

const DOCUMENT: &str = "query Titles { workshops { nodes { title } } }";
const LIVE: &str = "subscription Live { changes { cursor } }";
const MUTATION: &str = "mutation NoShow { markNoShow(registrationId: \"reg_1\") { __typename } }";
const UNTRUSTED: &str = "query Titles { workshops { nodes { title id } } }";

/// The SHA-256 of each document, as `sha256sum` prints it.
const HASH: &str = "4a2fe5890cb5130668fe267d10a78fe8961e9abfc3132336b92ee975c5decb9c";
const HASH_OF_LIVE: &str = "66c172ddf841688070d022edd07ae0f6fbd33168793e3cc5a1d60f3b3727c45b";
const HASH_OF_MUTATION: &str = "b3131d04f180488460546f9f2ae2cbceadcc746c7d1dff8545fd6ec7f8f5a760";
const HASH_OF_UNTRUSTED: &str = "b55a534b27900236b6c2e589a20d90a4ef137c5d45d178f2566b9ba6ccaef90b";

async fn server_trusting(app: &TestApp, list: &Value) -> TestApp {
    let trusted: TrustedDocuments = list.to_string().parse().unwrap();
    app.another_with_ingress(IngressPolicy { trusted_documents: Some(trusted), ..IngressPolicy::default() }).await
}

/// Every request for a document without its text.
fn by_name(hash: &str) -> [Value; 3] {
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    let id = format!("sha256:{hash}");
    [
        json!({ "extensions": extensions }),
        json!({ "documentId": id }),
        json!({ "documentId": id, "extensions": extensions }),
    ]
}

async fn get(app: &TestApp, body: &Value) -> Answer {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
    let members = body.as_object().unwrap().iter();
    let query: Vec<_> = members.map(|(name, value)| format!("{name}={}", encode(&text(value)))).collect();
    app.send(Request::get(format!("/graphql?{}", query.join("&"))).body(Body::empty()).unwrap()).await
}

#[apply(on_each_database)]
async fn only_trusted_documents_run_on_every_transport(app: TestApp) {
    app.given(a_workshop().title("Clay")).await;
    let app = server_trusting(&app, &json!({ HASH: DOCUMENT, HASH_OF_LIVE: LIVE, HASH_OF_MUTATION: MUTATION })).await;
    let titles = json!({ "nodes": [{ "title": "Clay" }] });
    let mut socket = Socket::acknowledged(&app).await;
    let text = [json!({ "query": DOCUMENT })];
    for request in by_name(HASH).iter().chain(&text) {
        assert_eq!(app.post(&request.to_string()).await.field(), &titles, "{request}");
        assert_eq!(get(&app, request).await.field(), &titles, "{request}");
        socket.subscribe("1", request).await;
        assert_eq!(socket.expect_data("1").await, titles, "{request}");
        assert_eq!(socket.receive().await["type"], "complete");
    }
    for request in by_name(HASH_OF_MUTATION) {
        assert_eq!(app.post(&request.to_string()).await.field()["__typename"], "RegistrationIdInvalid");
        assert_eq!(get(&app, &request).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    socket.subscribe("1", &by_name(HASH_OF_LIVE)[1]).await;
    let mut socket = socket.assert_open().await;

    assert_eq!(app.subscribe(LIVE, &json!({})).await.status, StatusCode::OK);
    assert_eq!(app.subscribe(UNTRUSTED, &json!({})).await.status, StatusCode::BAD_REQUEST);

    let unknown = by_name(HASH_OF_UNTRUSTED).map(|request| (request, "PERSISTED_QUERY_NOT_FOUND"));
    let mut with_hash = by_name(HASH_OF_UNTRUSTED)[0].clone();
    with_hash["query"] = UNTRUSTED.into();
    let texts = [UNTRUSTED, "{ __typename }", "{"].map(|query| (json!({ "query": query }), "DOCUMENT_NOT_TRUSTED"));
    for (request, code) in unknown.into_iter().chain(texts).chain([(with_hash, "DOCUMENT_NOT_TRUSTED")]) {
        for answer in [app.post(&request.to_string()).await, get(&app, &request).await] {
            assert_eq!((answer.status, answer.error_code()), (StatusCode::BAD_REQUEST, code), "{request}");
        }
        socket.subscribe("2", &request).await;
        let refused = socket.receive().await;
        assert_eq!((&refused["type"], &refused["payload"][0]["extensions"]["code"]), (&json!("error"), &json!(code)));
    }
    // The server did not store the document that was sent with its hash.
    assert_eq!(app.post(&by_name(HASH_OF_UNTRUSTED)[0].to_string()).await.error_code(), "PERSISTED_QUERY_NOT_FOUND");
}

#[apply(on_each_database)]
async fn an_apollo_manifest_with_custom_ids_is_accepted(app: TestApp) {
    app.given(a_workshop().title("Clay")).await;
    let operation = json!({ "id": "titles-1", "name": "Titles", "type": "query", "body": DOCUMENT });
    let list = json!({ "format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation] });
    let app = server_trusting(&app, &list).await;
    for request in [json!({ "documentId": "titles-1" }), json!({ "query": DOCUMENT }), by_name(HASH)[0].clone()] {
        assert_eq!(app.post(&request.to_string()).await.field()["nodes"][0]["title"], "Clay", "{request}");
    }
    let unknown = app.post(r#"{"documentId":"titles-2"}"#).await;
    assert_eq!(unknown.error_code(), "PERSISTED_QUERY_NOT_FOUND");
}

#[apply(on_each_database)]
async fn a_malformed_document_id_is_rejected(app: TestApp) {
    for wrong in [json!(1), json!("md5:1"), json!("sha256:abc"), json!("a b"), json!({})] {
        let answer = app.post(&json!({ "documentId": wrong, "query": DOCUMENT }).to_string()).await;
        assert_eq!((answer.status, answer.error_code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"), "{wrong}");
    }
    let mut two = by_name(HASH)[0].clone();
    two["documentId"] = format!("sha256:{HASH_OF_LIVE}").into();
    assert_eq!(
        app.post(&two.to_string()).await.error_message(),
        "`documentId` and `persistedQuery` name different documents."
    );
    let other = json!({ "query": DOCUMENT, "documentId": format!("sha256:{HASH_OF_LIVE}") });
    assert_eq!(app.post(&other.to_string()).await.status, StatusCode::BAD_REQUEST);
}
