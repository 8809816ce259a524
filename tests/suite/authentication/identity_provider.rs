//! Key rotation and failures of the identity provider.

use api::{Authentication, JwksSource, Limits};
use chrono::TimeDelta;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{IdentityProvider, SigningKey, TestApp, now, on_each_database};

use super::{claims, tokens_of};

/// Another server, which accepts the tokens of this provider.
async fn server_with(app: &TestApp, provider: &IdentityProvider) -> TestApp {
    let jwks = JwksSource::Address(format!("http://{}/jwks", provider.address));
    app.another_with_authentication(Authentication::new(None, Some(tokens_of(jwks))), Limits::default()).await
}

/// The HTTP status for a token of two hours that this key signed.
async fn status_of_token(server: &TestApp, key: &SigningKey) -> u16 {
    let token = key.sign(&claims(&json!({ "exp": now().timestamp() + 7200 })));
    let client = server.client().with_authorization(&format!("Bearer {token}"));
    client.graphql("{ __typename }", &Value::Null).await.status.as_u16()
}

#[apply(on_each_database)]
async fn an_unknown_signing_key_reloads_the_key_set_at_most_every_thirty_seconds(app: TestApp) {
    let (old, new) = (SigningKey::ed25519(1), SigningKey::p256(2));
    let provider = IdentityProvider::serving(&[&old]).await;
    let server = server_with(&app, &provider).await;
    let status = async |key: &SigningKey| status_of_token(&server, key).await;
    assert_eq!((status(&old).await, status(&new).await, status(&new).await), (200, 401, 401));
    assert_eq!(provider.request_count(), 1, "one request for the first key; an unknown key waits");

    provider.serve(&[&new]);
    app.set_time(now() + TimeDelta::seconds(30));
    assert_eq!((status(&new).await, status(&old).await), (200, 401), "a withdrawn key is rejected");
    assert_eq!(provider.request_count(), 2);

    provider.fail();
    app.set_time(now() + TimeDelta::minutes(11));
    assert_eq!((status(&new).await, status(&new).await), (200, 200), "the cached keys stay valid");
    assert_eq!(status(&old).await, 401, "a token with an unknown key waits for the request in progress");
    assert_eq!(provider.request_count(), 3);

    provider.serve(&[&old]);
    app.set_time(now() + TimeDelta::minutes(22));
    assert_eq!((status(&old).await, status(&new).await), (200, 401));
}

#[apply(on_each_database)]
async fn a_token_is_answered_with_503_until_the_key_set_is_loaded(app: TestApp) {
    let key = SigningKey::ed25519(1);
    let provider = IdentityProvider::serving(&[]).await;
    let server = server_with(&app, &provider).await;
    let client = server.client().with_authorization(&format!("bearer {}", key.sign(&claims(&json!({})))));
    let answer = client.graphql("{ __typename }", &Value::Null).await;
    assert_eq!((answer.status.as_u16(), answer.error_code()), (503, "SERVICE_UNAVAILABLE"));
    assert_eq!(answer.header("retry-after"), Some("1"));
    provider.serve(&[&key]);
    app.set_time(now() + TimeDelta::seconds(30));
    assert_eq!(client.graphql("{ __typename }", &Value::Null).await.status, 200);
}

#[apply(on_each_database)]
async fn signing_keys_are_cached_for_a_day_and_withdrawn_by_an_empty_key_set(app: TestApp) {
    let key = SigningKey::ed25519(1);
    let provider = IdentityProvider::serving(&[&key]).await;
    let server = server_with(&app, &provider).await;
    let token = key.sign(&claims(&json!({ "exp": now().timestamp() + 7 * 86_400 })));
    let client = server.client().with_authorization(&format!("bearer {token}"));
    let after = async |minutes: i64| {
        app.set_time(now() + TimeDelta::minutes(minutes));
        client.graphql("{ __typename }", &Value::Null).await.status.as_u16()
    };
    assert_eq!(after(0).await, 200);
    provider.fail();
    assert_eq!((after(24 * 60 - 1).await, after(24 * 60).await), (200, 503));
    provider.serve(&[&key]);
    assert_eq!(after(24 * 60 + 1).await, 200);
    provider.serve(&[]);
    assert_eq!(after(24 * 60 + 12).await, 200, "the known keys are trusted while they are read again");
    let unknown = SigningKey::ed25519(2).sign(&claims(&json!({ "exp": now().timestamp() + 7 * 86_400 })));
    let unknown = server.client().with_authorization(&format!("bearer {unknown}"));
    assert_eq!(unknown.graphql("{ __typename }", &Value::Null).await.status, 401, "it waits until they are read");
    assert_eq!(after(24 * 60 + 12).await, 401);
}

#[apply(on_each_database)]
async fn a_hanging_identity_provider_delays_no_token_with_a_known_key(app: TestApp) {
    let (old, new) = (SigningKey::ed25519(1), SigningKey::p256(2));
    let provider = IdentityProvider::serving(&[&old]).await;
    let server = server_with(&app, &provider).await;
    let status = async |key: &SigningKey| status_of_token(&server, key).await;
    assert_eq!(status(&old).await, 200);
    provider.hang();
    app.set_time(now() + TimeDelta::minutes(11));
    assert_eq!((status(&old).await, status(&old).await), (200, 200));
    // If a token had waited for the provider, the request for the keys would have timed out, and the next one would not
    // start within thirty seconds.
    provider.serve(&[&new]);
    provider.answer();
    assert_eq!((status(&new).await, status(&old).await), (200, 401));
    assert_eq!(provider.request_count(), 2);
}
