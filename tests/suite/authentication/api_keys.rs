//! API keys: creation, rotation, expiry, revocation and use.

use chrono::TimeDelta;
use domain::access::{Access, Scope};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{ApiKey, Client, TestApp, admin, now, on_each_database, partner, staff_of};

use super::who;

const CREATE: &str = "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
    ... on CreateApiKeySuccess { key apiKey { id name prefix role scopes centers { id } state createdBy expiresAt } }
    ... on Problem { code message } ... on InputInvalid { fields { field } } } }";

async fn rotate(client: &Client, key: &ApiKey, hours: i32) -> Value {
    let rotate = "mutation ($id: ID!, $hours: Int!) { rotateApiKey(apiKeyId: $id, overlapHours: $hours) { __typename
        ... on RotateApiKeySuccess { key apiKey { id name role expiresAt } } ... on Problem { code message } } }";
    client.graphql(rotate, &json!({ "id": key.id, "hours": hours })).await.field().clone()
}

async fn revoke(client: &Client, id: &str) -> Value {
    let revoke = "mutation ($id: ID!) { revokeApiKey(apiKeyId: $id) { __typename
        ... on ApiKey { id state revokedAt } ... on Problem { code message } } }";
    client.graphql(revoke, &json!({ "id": id })).await.field().clone()
}

async fn is_accepted(client: &Client) -> bool {
    let answer = client.graphql("{ __typename }", &Value::Null).await;
    assert_eq!(answer.status == 401, answer.body["data"].is_null());
    answer.status == 200
}

#[apply(on_each_database)]
async fn a_created_api_key_grants_its_role_scopes_and_centers_until_it_expires(app: TestApp) {
    let (admin_client, center) =
        (app.client_with_key(&app.key(admin()).await), app.center("A center").await.to_string());
    let boss_is = who(&admin_client).await["actor"].clone();
    let input = json!({ "name": " Till ", "role": "PARTNER", "scopes": ["GUESTS_READ", "REGISTRATIONS_WRITE"],
        "centerIds": [center], "expiresAt": now() + TimeDelta::hours(1) });
    let made = admin_client.graphql(CREATE, &json!({ "input": input })).await.field().clone();
    let (key, text) = (&made["apiKey"], made["key"].as_str().unwrap());
    assert!(text.starts_with(key["prefix"].as_str().unwrap()) && text.len() == 45, "{text}");
    assert_eq!(
        (&key["name"], &key["role"], &key["state"], &key["createdBy"]),
        (&json!("Till"), &json!("PARTNER"), &json!("ACTIVE"), &boss_is)
    );
    let till = app.client().with_authorization(&format!("ApiKey {text}"));
    let is = json!({ "actor": key["id"], "kind": "KEY", "role": "PARTNER",
        "scopes": ["GUESTS_READ", "REGISTRATIONS_WRITE"], "centers": [{ "id": center }] });
    assert_eq!(who(&till).await, is);
    assert_eq!(key["centers"], is["centers"]);
    app.set_time(now() + TimeDelta::hours(1));
    assert!(!is_accepted(&till).await, "the key has expired");
    let secret = text.rsplit('_').next().unwrap();
    let kept = format!("SELECT COUNT(*) FROM api_keys WHERE CAST(digest AS text) LIKE '%{secret}%'");
    assert_eq!(app.database.number(&kept).await, 0, "the secret is not stored");
}

#[apply(on_each_database)]
async fn an_api_key_with_an_invalid_grant_is_refused(app: TestApp) {
    let admin_client = app.client_with_key(&app.key(admin()).await);
    let nowhere = "ctr_01kdvdna00e008000004000000";
    for (input, field) in [
        (json!({ "name": " ", "role": "ADMIN" }), "name"),
        (json!({ "name": "x", "role": "GUEST" }), "role"),
        (json!({ "name": "x", "role": "STAFF" }), "centerIds"),
        (json!({ "name": "x", "role": "STAFF", "centerIds": [] }), "centerIds"),
        (json!({ "name": "x", "role": "STAFF", "centerIds": ["nonsense"] }), "centerIds"),
        (json!({ "name": "x", "role": "ADMIN", "centerIds": [nowhere] }), "centerIds"),
        (json!({ "name": "x", "role": "PARTNER" }), "scopes"),
        (json!({ "name": "x", "role": "ADMIN", "scopes": ["GUESTS_READ"] }), "scopes"),
        (json!({ "name": "x", "role": "ADMIN", "expiresAt": now() }), "expiresAt"),
    ] {
        let answer = admin_client.graphql(CREATE, &json!({ "input": input })).await;
        assert_eq!(answer.field()["fields"], json!([{ "field": field }]), "{input}");
    }
    let elsewhere = json!({ "name": "x", "role": "STAFF", "centerIds": [nowhere] });
    let answer = admin_client.graphql(CREATE, &json!({ "input": elsewhere })).await;
    assert_eq!(answer.problem(), ("CenterInvalid", 502, "Invalid center_id."));
    assert_eq!(app.database.number("SELECT COUNT(*) FROM api_keys").await, 1, "only the first key exists");
}

#[apply(on_each_database)]
async fn a_rotated_api_key_stays_valid_for_the_overlap(app: TestApp) {
    let (admin_client, old) =
        (app.client_with_key(&app.key(admin()).await), app.key(partner(&[Scope::GuestsRead])).await);
    let holder = app.client_with_key(&old);
    assert!(is_accepted(&holder).await);
    let made = rotate(&admin_client, &old, 24).await;
    let new = app.client().with_authorization(&format!("apikey {}", made["key"].as_str().unwrap()));
    assert_eq!(rotate(&admin_client, &old, 24).await["__typename"], "ApiKeyInvalid", "the key was already rotated");
    app.set_time(now() + TimeDelta::hours(24) - TimeDelta::microseconds(1));
    assert!(is_accepted(&holder).await && is_accepted(&new).await, "both keys are valid during the overlap");
    let allows = async |client: &Client| {
        let is = who(client).await;
        (is["role"].clone(), is["scopes"].clone(), is["centers"].clone())
    };
    assert_eq!(allows(&holder).await, allows(&new).await);
    app.set_time(now() + TimeDelta::hours(24));
    assert!(!is_accepted(&holder).await && is_accepted(&new).await);
    assert_eq!(
        rotate(&admin_client, &old, 24).await["__typename"],
        "ApiKeyInvalid",
        "an expired key cannot be rotated"
    );
    for hours in [-1, 721] {
        assert_eq!(rotate(&admin_client, &old, hours).await["__typename"], "InputInvalid");
    }
    let (at_once, gone) = (app.key(admin()).await, app.client());
    assert_eq!(rotate(&admin_client, &at_once, 0).await["__typename"], "RotateApiKeySuccess");
    assert!(!is_accepted(&gone.with_authorization(&at_once.authorization())).await);
}

#[apply(on_each_database)]
async fn a_revoked_api_key_fails_at_once_here_and_after_five_seconds_elsewhere(app: TestApp) {
    let (admin_client, key) = (app.client_with_key(&app.key(admin()).await), app.key(admin()).await);
    let elsewhere = app.another().await;
    let (here, there) = (app.client_with_key(&key), elsewhere.client_with_key(&key));
    assert!(is_accepted(&here).await && is_accepted(&there).await);
    let revoked = revoke(&admin_client, &key.id).await;
    assert_eq!((&revoked["state"], &revoked["__typename"]), (&json!("REVOKED"), &json!("ApiKey")));
    assert_eq!(revoke(&admin_client, &key.id).await, revoked, "revoking twice is a no-op");
    assert!(!is_accepted(&here).await);
    app.set_time(now() + TimeDelta::seconds(5));
    assert!(!is_accepted(&there).await);
    for nothing in ["key_01kdvdna00e008000004000000", "nonsense", key.prefix.as_str()] {
        assert_eq!(revoke(&admin_client, nothing).await["code"], 2040, "{nothing}");
    }
}

#[apply(on_each_database)]
async fn the_last_use_of_an_api_key_is_recorded_once_a_minute(app: TestApp) {
    let key = app.key(admin()).await;
    let holder = app.client_with_key(&key);
    let last_used = async |at: TimeDelta| {
        app.set_time(now() + at);
        assert!(is_accepted(&holder).await);
        app.database.wait_for("SELECT COUNT(*) FROM api_keys WHERE last_used_at IS NOT NULL").await;
        let list = listed_keys(&holder).await;
        list["nodes"][0]["lastUsedAt"].clone()
    };
    let first = last_used(TimeDelta::zero()).await;
    assert_eq!(first, json!("2027-03-01T12:00:00Z"));
    assert_eq!(last_used(TimeDelta::seconds(59)).await, first);
    app.set_time(now() + TimeDelta::seconds(60));
    assert!(is_accepted(&holder).await);
    let later = match app.backend() {
        tests::Backend::Sqlite => "SELECT COUNT(*) FROM api_keys WHERE last_used_at > '2027-03-01T12:00:30+00:00'",
        tests::Backend::Postgres => "SELECT COUNT(*) FROM api_keys WHERE last_used_at > '2027-03-01T12:00:30Z'",
    };
    app.database.wait_for(later).await;
}

async fn listed_keys(client: &Client) -> Value {
    client.graphql("{ apiKeys { totalCount nodes { id lastUsedAt } } }", &Value::Null).await.field().clone()
}

#[apply(on_each_database)]
async fn only_an_admin_manages_api_keys(app: TestApp) {
    let center = app.center("A center").await.to_string();
    let key = app.key(staff_of(&center)).await;
    let server = app.another_with_authentication(Access::public(), api::Limits::default()).await;
    let node = format!("{{ node(id: \"{}\") {{ id }} }}", key.id);
    let revoke = format!("mutation {{ revokeApiKey(apiKeyId: \"{}\") {{ __typename }} }}", key.id);
    for (client, code) in [(server.client_with_key(&key), "FORBIDDEN"), (server.client(), "UNAUTHENTICATED")] {
        for query in ["{ apiKeys { nodes { id } } }", revoke.as_str()] {
            assert_eq!(client.graphql(query, &Value::Null).await.error_code(), code, "{query}");
        }
        assert_eq!(client.graphql(&node, &Value::Null).await.field(), &Value::Null, "the key is hidden");
    }
    let admin_client = server.client_with_key(&app.key(admin()).await);
    assert_eq!(admin_client.graphql(&node, &Value::Null).await.field()["id"], json!(key.id));
    let list =
        admin_client.graphql("{ apiKeys(first: 1) { totalCount nodes { id } } }", &Value::Null).await.field().clone();
    assert_eq!((&list["totalCount"], list["nodes"].as_array().unwrap().len()), (&json!(2), 1));
    assert_ne!(list["nodes"][0]["id"], json!(key.id), "newest first");
}
