//! An identity provider that accepts connections and does not answer, while clients send tokens of unknown keys.

use macro_rules_attribute::apply;
use serde_json::json;
use tests::{IdentityProvider, SigningKey, TestApp, at, on_sqlite};

use crate::target::{Attackers, Target};

const ISSUER: &str = "https://id.example.org/";
const AUDIENCE: &str = "atelier";

fn bearer(key: &SigningKey, subject: &str) -> String {
    let expires_at = at("2100-01-01T00:00:00Z").timestamp();
    let claims = json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": subject, "exp": expires_at, "role": "admin" });
    format!("bearer {}", key.sign(&claims))
}

#[apply(on_sqlite)]
async fn hanging_identity_provider(app: TestApp) {
    let key = SigningKey::ed25519(1);
    let provider = IdentityProvider::serving(&[&key]).await;
    let jwks = format!("http://{}/jwks", provider.address);
    let flags = ["--token-jwks", &jwks, "--token-issuer", ISSUER, "--token-audience", AUDIENCE];
    let target = Target::start_with_flags(&app, &flags).await.with_visitor(bearer(&key, "an honest visitor"));
    provider.hang();
    target
        .withstand(
            "hanging identity provider",
            Attackers::Anonymous,
            &["UNAUTHENTICATED", "SERVICE_UNAVAILABLE"],
            |attacker| async move {
                let unknown = (0..).map(|number| {
                    let key = SigningKey::ed25519(2).with_id(&format!("unknown-{}-{number}", attacker.number));
                    let mut attacker = attacker.clone();
                    attacker.authorization = Some(bearer(&key, "an attacker"));
                    attacker.post(&json!({ "query": "{ __typename }" }))
                });
                attacker.send_all(unknown).await;
            },
        )
        .await;
}
