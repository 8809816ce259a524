//! Authentication: API keys, tokens and anonymous callers.

mod api_keys;
mod connections;
mod credentials;
mod identity_provider;
mod tokens;

use api::{ALGORITHMS, ClaimNames, JwksSource, TokenSettings};
use serde_json::{Value, json};
use tests::{Client, now};

const WHO: &str = "{ viewer { actor kind role scopes centers { id } } }";

async fn who(client: &Client) -> Value {
    client.graphql(WHO, &Value::Null).await.field().clone()
}

const ISSUER: &str = "https://id.example.com/";

fn tokens_of(jwks: JwksSource) -> TokenSettings {
    TokenSettings {
        jwks,
        issuer: ISSUER.to_owned(),
        audiences: vec!["atelier".to_owned(), "other".to_owned()],
        algorithms: ALGORITHMS.to_vec(),
        claims: ClaimNames::default(),
    }
}

/// The claims of an ADMIN token that is valid for an hour, with some of them replaced.
fn claims(more: &Value) -> Value {
    let now = now().timestamp();
    let mut claims = json!({ "iss": ISSUER, "aud": "atelier", "sub": "ann", "exp": now + 3600, "role": "admin" });
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    claims
}
