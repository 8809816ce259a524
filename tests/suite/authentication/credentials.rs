//! Missing and invalid credentials, and the responses to them.

use api::Limits;
use axum::{
    body::Body,
    http::{Request, header},
};
use chrono::TimeDelta;
use domain::access::Access;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, Client, TestApp, admin, now, on_each_database};

use super::who;

const QUERY: &str = "/graphql?query=%7B__typename%7D";

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

/// The same query on every HTTP transport.
async fn on_every_transport(client: &Client) -> Vec<Answer> {
    let mut events = get(QUERY);
    events.headers_mut().insert(header::ACCEPT, "text/event-stream".parse().unwrap());
    let mut socket = get("/graphql/ws");
    for (name, value) in [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA=="),
        ("sec-websocket-protocol", "graphql-transport-ws"),
    ] {
        socket.headers_mut().insert(name, value.parse().unwrap());
    }
    vec![
        client.graphql("{ __typename }", &Value::Null).await,
        client.send(get(QUERY)).await,
        client.send(events).await,
        client.send(socket).await,
    ]
}

#[apply(on_each_database)]
async fn invalid_credentials_are_rejected_with_one_response_that_hides_the_cause(app: TestApp) {
    let (key, revoked) = (app.key(admin()).await, app.key(admin()).await);
    let expired = app.key_until(admin(), Some(now() + TimeDelta::seconds(1))).await;
    let revoke = format!("mutation {{ revokeApiKey(apiKeyId: \"{}\") {{ __typename }} }}", revoked.id);
    app.client_with_key(&key).graphql(&revoke, &Value::Null).await.data();
    app.set_time(now() + TimeDelta::seconds(1));
    let other_secret = format!("apikey {}_{}", key.prefix, "0".repeat(32));
    let mut responses = Vec::new();
    for authorization in [
        "",
        "apikey",
        "apikey ",
        "nonsense",
        "basic YW5uOnNlY3JldA==",
        "apikey nonsense",
        &format!("apikey {} {}", key.text, key.text),
        &format!("bearer {}", key.text),
        &format!("apikey {}", key.prefix),
        &other_secret,
        &other_secret.replace(&key.prefix, "atl_00000000"),
        &format!("apikey {}", key.text.to_uppercase()),
        &revoked.authorization(),
        &expired.authorization(),
        &format!("apikey {}", "x".repeat(20_000)),
    ] {
        for answer in on_every_transport(&app.client().with_authorization(authorization)).await {
            assert_eq!((answer.status.as_u16(), answer.error_code()), (401, "UNAUTHENTICATED"), "{authorization}");
            let challenge = answer.header("www-authenticate").unwrap();
            assert!(challenge.contains("Bearer") && challenge.contains("apikey"), "{challenge}");
            responses.push((answer.body.clone(), challenge.to_owned()));
        }
    }
    responses.dedup();
    assert_eq!(responses.len(), 1, "one response for every cause: {responses:?}");
    let mut twice = get(QUERY);
    for _ in 0..2 {
        twice.headers_mut().append(header::AUTHORIZATION, key.authorization().parse().unwrap());
    }
    assert_eq!(app.send(twice).await.status, 401);
}

#[apply(on_each_database)]
async fn the_authorization_scheme_is_case_insensitive_and_responses_vary_by_it(app: TestApp) {
    let key = app.key(admin()).await;
    for scheme in ["apikey", "ApiKey", "APIKEY "] {
        let holder = app.client().with_authorization(&format!("{scheme} {}", key.text));
        assert_eq!(who(&holder).await["actor"], json!(key.id));
        for answer in &on_every_transport(&holder).await[..3] {
            assert_eq!(answer.status, 200);
            assert!(answer.header("vary").unwrap().contains("authorization"));
        }
    }
}

#[apply(on_each_database)]
async fn a_request_without_credentials_is_public_unless_anonymous_access_is_off(app: TestApp) {
    let open = app.another_with_authentication(Access::public(), Limits::default()).await;
    let anonymous =
        json!({ "actor": "anonymous", "kind": "ANONYMOUS", "role": "PUBLIC", "scopes": [], "centers": null });
    assert_eq!(who(&open.client()).await, anonymous);
    let shut = app.another_with_authentication(api::Authentication::new(None, None), Limits::default()).await;
    for answer in &on_every_transport(&shut.client()).await[..3] {
        assert_eq!((answer.status.as_u16(), answer.error_code()), (401, "UNAUTHENTICATED"));
        assert!(!answer.header("www-authenticate").unwrap().contains("invalid_token"), "no credentials were sent");
    }
    for path in ["/", "/health", "/ready"] {
        assert_eq!(shut.send(get(path)).await.status, 200, "{path}");
    }
    assert_eq!(who(&shut.client_with_key(&app.key(admin()).await)).await["role"], "ADMIN");
}
