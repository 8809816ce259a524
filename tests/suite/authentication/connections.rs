//! Authentication of long connections: WebSockets and event streams.

use std::time::Duration;

use api::{Authentication, JwksSource, Limits};
use chrono::TimeDelta;
use domain::access::Access;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{ApiKey, Client, IdentityProvider, SigningKey, Socket, TestApp, a_workshop, admin, now, on_each_database};

use super::{WHO, claims, tokens_of};

/// A server that rechecks the credentials of connections every 10 ms.
async fn server_with_rechecks(app: &TestApp, authentication: impl Into<Authentication>) -> TestApp {
    let limits = Limits { credential_recheck_interval: Duration::from_millis(10), ..Limits::default() };
    app.another_with_authentication(authentication, limits).await
}

async fn authenticated(app: &TestApp, authorization: &str) -> Socket {
    let mut socket = Socket::open_with_init(app, &json!({ "Authorization": authorization })).await;
    assert_eq!(socket.receive().await["type"], "connection_ack");
    socket
}

async fn revoke(admin_client: &Client, key: &ApiKey) {
    let revoke = format!("mutation {{ revokeApiKey(apiKeyId: \"{}\") {{ __typename }} }}", key.id);
    admin_client.graphql(&revoke, &Value::Null).await.data();
}

#[apply(on_each_database)]
async fn connection_init_authenticates_a_websocket(app: TestApp) {
    let server = server_with_rechecks(&app, Access::public()).await;
    let key = app.key(admin()).await;
    let mut socket = authenticated(&server, &key.authorization()).await;
    socket.subscribe("1", &json!({ "query": WHO })).await;
    assert_eq!(socket.expect_data("1").await["actor"], json!(key.id));
    let mut anonymous = Socket::acknowledged(&server).await;
    anonymous.subscribe("1", &json!({ "query": WHO })).await;
    assert_eq!(anonymous.expect_data("1").await["role"], "PUBLIC");
    for payload in [
        json!({ "authorization": "apikey nonsense" }),
        json!({ "AUTHORIZATION": "" }),
        json!({ "authorization": 1 }),
        json!({ "authorization": key.authorization(), "Authorization": key.authorization() }),
    ] {
        assert_eq!(Socket::open_with_init(&server, &payload).await.close_code().await, 4403, "{payload}");
    }
}

#[apply(on_each_database)]
async fn a_websocket_requires_credentials_when_anonymous_access_is_off(app: TestApp) {
    let server = server_with_rechecks(&app, Authentication::new(None, None)).await;
    authenticated(&server, &app.key(admin()).await.authorization()).await;
    assert_eq!(Socket::open_with_init(&server, &json!({})).await.close_code().await, 4401);
}

#[apply(on_each_database)]
async fn a_websocket_is_closed_when_its_api_key_expires_or_is_revoked(app: TestApp) {
    let server = server_with_rechecks(&app, Access::public()).await;
    let (expires, revoked) = (app.key_until(admin(), Some(now() + TimeDelta::hours(1))).await, app.key(admin()).await);
    let idle = authenticated(&server, &expires.authorization()).await;
    app.set_time(now() + TimeDelta::hours(1));
    assert_eq!(idle.close_code().await, 4403);
    let idle = authenticated(&server, &revoked.authorization()).await;
    revoke(&app.client(), &revoked).await;
    // The key is revoked at another server, so this server's cache must expire first.
    app.set_time(now() + TimeDelta::hours(1) + TimeDelta::seconds(5));
    assert_eq!(idle.close_code().await, 4403);
}

#[apply(on_each_database)]
async fn revoking_an_api_key_closes_its_connections_on_the_same_server_at_once(app: TestApp) {
    let limits = Limits { credential_recheck_interval: Duration::from_hours(1), ..Limits::default() };
    let server = app.another_with_authentication(Access::public(), limits).await;
    let (key, admin_client) = (app.key(admin()).await, app.key(admin()).await);
    let socket = authenticated(&server, &key.authorization()).await;
    let seats = format!(
        "subscription {{ workshopSeats(workshopId: \"{}\") {{ seatsTaken }} }}",
        app.given(a_workshop()).await.id
    );
    let mut events = server.client_with_key(&key).subscribe(&seats, &Value::Null).await;
    events.expect_data().await;
    revoke(&server.client_with_key(&admin_client), &key).await;
    assert_eq!(socket.close_code().await, 4403);
    assert_eq!(events.event().await, None);
}

#[apply(on_each_database)]
async fn a_websocket_runs_no_operation_for_a_revoked_api_key(app: TestApp) {
    let key = app.key(admin()).await;
    let mut socket = authenticated(&app, &key.authorization()).await;
    revoke(&app.client(), &key).await;
    socket.subscribe("1", &json!({ "query": WHO })).await;
    assert_eq!(socket.close_code().await, 4403);
}

#[apply(on_each_database)]
async fn a_websocket_is_closed_when_its_token_expires(app: TestApp) {
    let key = SigningKey::ed25519(1);
    let provider = IdentityProvider::serving(&[&key]).await;
    let jwks = JwksSource::Address(format!("http://{}/jwks", provider.address));
    let server = server_with_rechecks(&app, Authentication::new(None, Some(tokens_of(jwks)))).await;
    let mut socket = authenticated(&server, &format!("bearer {}", key.sign(&claims(&json!({}))))).await;
    socket.subscribe("1", &json!({ "query": WHO })).await;
    assert_eq!(socket.expect_data("1").await["role"], "ADMIN");
    assert_eq!(socket.receive().await["type"], "complete");
    app.set_time(now() + TimeDelta::seconds(3630));
    assert_eq!(socket.close_code().await, 4403);
}

#[apply(on_each_database)]
async fn a_websocket_is_closed_with_1013_when_signing_keys_are_unavailable(app: TestApp) {
    let key = SigningKey::ed25519(1);
    let provider = IdentityProvider::serving(&[]).await;
    let jwks = JwksSource::Address(format!("http://{}/jwks", provider.address));
    let server = server_with_rechecks(&app, Authentication::new(None, Some(tokens_of(jwks)))).await;
    let token = json!({ "authorization": format!("bearer {}", key.sign(&claims(&json!({})))) });
    assert_eq!(Socket::open_with_init(&server, &token).await.close_code().await, 1013);
}

#[apply(on_each_database)]
async fn an_event_stream_ends_when_its_api_key_expires_or_is_revoked(app: TestApp) {
    let server = server_with_rechecks(&app, Access::public()).await;
    let workshop = app.given(a_workshop()).await;
    let seats = format!("subscription {{ workshopSeats(workshopId: \"{}\") {{ seatsTaken }} }}", workshop.id);
    let (expires, revoked) = (app.key_until(admin(), Some(now() + TimeDelta::hours(1))).await, app.key(admin()).await);
    let mut events = server.client_with_key(&expires).subscribe(&seats, &Value::Null).await;
    assert_eq!(events.expect_data().await["seatsTaken"], 0);
    app.set_time(now() + TimeDelta::hours(1));
    assert_eq!(events.event().await, None, "the stream ends without a complete event");
    let mut events = server.client_with_key(&revoked).subscribe(&seats, &Value::Null).await;
    assert_eq!(events.expect_data().await["seatsTaken"], 0);
    revoke(&server.client_with_key(&app.key(admin()).await), &revoked).await;
    assert_eq!(events.event().await, None);
}
