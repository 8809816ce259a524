//! Tokens of an identity provider: which ones are accepted, and what access they give.

use api::{Authentication, ClaimNames, Limits, TokenSettings};
use data_encoding::BASE64URL_NOPAD;
use domain::{ExternalId, PersonDigest};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, SigningKey, TestApp, now, on_each_database};

use super::{ISSUER, WHO, claims, tokens_of, who};

/// A server with the public halves of these keys.
async fn server_with_keys(app: &TestApp, keys: &[&SigningKey], names: ClaimNames) -> TestApp {
    let file = tempfile::NamedTempFile::new().unwrap();
    // Keys of unknown types and symmetric keys are ignored.
    let mut shown = vec![json!({ "kty": "new", "kid": "x" }), json!({ "kty": "oct", "kid": "secret", "k": "AAAA" })];
    shown.extend(keys.iter().map(|key| key.jwk()));
    std::fs::write(file.path(), json!({ "keys": shown }).to_string()).unwrap();
    let settings = TokenSettings { claims: names, ..tokens_of(file.path().to_str().unwrap().parse().unwrap()) };
    let server = app.another_with_authentication(Authentication::new(None, Some(settings)), Limits::default()).await;
    // The server reads the file while it exists.
    let first = format!("bearer {}", keys[0].sign(&claims(&json!({}))));
    server.client().with_authorization(&first).graphql("{ __typename }", &Value::Null).await;
    server
}

async fn viewer_response(server: &TestApp, token: &str) -> Answer {
    server.client().with_authorization(&format!("bearer {token}")).graphql(WHO, &Value::Null).await
}

#[apply(on_each_database)]
async fn valid_tokens_are_accepted_and_all_others_are_rejected(app: TestApp) {
    let (ed, ec, foreign) = (SigningKey::ed25519(1), SigningKey::p256(2), SigningKey::ed25519(3));
    let server = server_with_keys(&app, &[&ed, &ec], ClaimNames::default()).await;
    let at = |seconds: i64| now().timestamp() + seconds;
    for claims in [
        claims(&json!({})),
        claims(&json!({ "aud": ["unknown", "other"] })),
        claims(&json!({ "exp": at(-29) })),
        claims(&json!({ "nbf": at(30) })),
    ] {
        for key in [&ed, &ec] {
            assert_eq!(viewer_response(&server, &key.sign(&claims)).await.status, 200, "{claims}");
        }
    }
    for wrong in [
        json!({ "iss": "https://id.example.com" }),
        json!({ "iss": null }),
        json!({ "iss": [ISSUER, "https://evil.example"] }),
        json!({ "aud": "atelier2" }),
        json!({ "aud": null }),
        json!({ "aud": [] }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "exp": at(-30) }),
        json!({ "exp": null }),
        json!({ "exp": "tomorrow" }),
        json!({ "nbf": at(31) }),
        json!({ "nbf": "tomorrow" }),
    ] {
        let answer = viewer_response(&server, &ed.sign(&claims(&wrong))).await;
        assert_eq!((answer.status.as_u16(), answer.error_code()), (401, "UNAUTHENTICATED"), "{wrong}");
    }

    for (header, status) in [
        (Header { typ: Some("at+jwt".to_owned()), ..Header::default() }, 200),
        (Header { typ: None, ..Header::default() }, 200),
        (Header { typ: Some("logout+jwt".to_owned()), ..Header::default() }, 401),
        (Header { crit: Some(vec!["exp2".to_owned()]), ..Header::default() }, 401),
    ] {
        let token = ed.sign_as(header, &claims(&json!({})));
        assert_eq!(viewer_response(&server, &token).await.status, status, "{token}");
    }

    let good = ed.sign(&claims(&json!({})));
    let (head, signature) = good.rsplit_once('.').unwrap();
    let body = head.split_once('.').unwrap().1;
    let public = BASE64URL_NOPAD.decode(ed.jwk()["x"].as_str().unwrap().as_bytes()).unwrap();
    let by_secret = |kid: &str, secret: &[u8]| {
        let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::HS256) };
        encode(&header, &claims(&json!({})), &EncodingKey::from_secret(secret)).unwrap()
    };
    let header = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    for forged in [
        foreign.sign(&claims(&json!({}))),
        foreign.with_id(&ed.id).sign(&claims(&json!({}))),
        ed.with_id(&ec.id).sign(&claims(&json!({}))),
        by_secret(&ed.id, &public),
        by_secret("secret", &[0, 0, 0]),
        format!("{}.{body}.", header(r#"{"alg":"none"}"#)),
        format!("{}.{body}.{signature}", header(&format!(r#"{{"alg":"none","kid":"{}"}}"#, ed.id))),
        format!("{head}."),
        format!("{head}.{}", signature.chars().rev().collect::<String>()),
        head.to_owned(),
        "..".to_owned(),
        "é.é.é".to_owned(),
    ] {
        assert_eq!(viewer_response(&server, &forged).await.status, 401, "{forged}");
    }
}

/// The public half of an RSA key that signed [`SIGNED`] until 2100. Its private half was deleted: generating a key is slow.
const RSA: &str = "ussTldq_Q1KtY0TbJXY5UVbTW3eF4gI7Sj6z9cz4gva4eBu1C3Z3xeoSS8jq6iecgmqGwb6fOpHeQoLQqFwAotRFaK\
mUo6nev-OV7cFG_rXVepkZlqg2a7_ItPnIESN9mNbiK1Eqc71biue7VJZyB2LMU7cyEpuaNO3CD1B8h6NwrNs3JpWo\
PeE4UqbzIZHYZv0UAye7PbKCWpeo_Afz9jQROl8C8JmEabt0A8W4NXCo9hX0KJg0pn32k_nmdN8KPMU1ceJx-\
iM3vrd-D4xmKWcW1MSZISigAJgMTs1WAMa6V9j53vvNlQufh0czFtRXbGwgZCGcjFMnAWSH58NnwQ";
const SIGNED: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUuY\
29tLyIsImF1ZCI6ImF0ZWxpZXIiLCJzdWIiOiJhbm4iLCJleHAiOjQxMDI0NDQ4MDAsInJvbGUiOiJhZG1pbiJ9.jm\
yHTjjAyZDT3X1tC6oDW0JRqkgv8nIjoRAJpw3qtHfx9eF3_tkoOTmAu2fk4Vy81i0xr6erRQ4yJn7JErhuo55uAH3F\
XZ8AOhalMr39Ta_v4oLDYETtVeHNskrBFFOVTShw625rKC-8ifs7UaarXQWS6w52Pjk2H9bzK0P3HEEgionI-\
7toBEi0Vu7RWbjmQ04QmHq3PBiy1vbONJ-On-vmnrCYCtOQKmI-gIi482Cj03KbmgcKfhwzSPhAFCFQdur1mJx7WHp\
taoWPx1kNUY_cQbznPAOLI9SjxiK4NaDm4tdZQP6x1UPTW136nrco0eqJg32oiSpfqhgca_upMA";

#[apply(on_each_database)]
async fn a_token_signed_with_rs256_is_accepted(app: TestApp) {
    let file = tempfile::NamedTempFile::new().unwrap();
    let jwk = json!({ "kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256", "n": RSA, "e": "AQAB" });
    std::fs::write(file.path(), json!({ "keys": [jwk] }).to_string()).unwrap();
    let settings = tokens_of(file.path().to_str().unwrap().parse().unwrap());
    let server = app.another_with_authentication(Authentication::new(None, Some(settings)), Limits::default()).await;
    assert_eq!(viewer_response(&server, SIGNED).await.field()["role"], "ADMIN");
    let (head, signature) = SIGNED.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", "A".repeat(signature.len()));
    assert_eq!(viewer_response(&server, &forged).await.status, 401);
}

#[apply(on_each_database)]
async fn the_claims_of_a_token_determine_role_scopes_and_centers(app: TestApp) {
    let key = SigningKey::ed25519(1);
    let (center, ann) = (app.center("A center").await.to_string(), app.guest("ann").await);
    let server = server_with_keys(&app, &[&key], ClaimNames::default()).await;
    let person = PersonDigest::of(ISSUER, "ann").to_string();
    for (more, role, scopes, centers) in [
        (json!({ "role": "admin", "centers": [center] }), "ADMIN", json!([]), json!(null)),
        (json!({ "role": "staff", "centers": [center, "nowhere"] }), "STAFF", json!([]), json!([{ "id": center }])),
        (json!({ "role": ["x", "staff"], "centers": center }), "STAFF", json!([]), json!([{ "id": center }])),
        (json!({ "role": "partner", "scope": "openid guests:read" }), "PARTNER", json!(["GUESTS_READ"]), json!([])),
        (
            json!({ "role": "partner", "scope": "guests:read", "centers": ["*"] }),
            "PARTNER",
            json!(["GUESTS_READ"]),
            json!(null),
        ),
        (
            json!({ "role": "partner", "scope": ["guests:read"], "centers": ["nowhere"] }),
            "PARTNER",
            json!(["GUESTS_READ"]),
            json!([]),
        ),
    ] {
        let is = json!({ "actor": person, "kind": "PERSON", "role": role, "scopes": scopes, "centers": centers });
        assert_eq!(viewer_response(&server, &key.sign(&claims(&more))).await.field(), &is, "{more}");
    }
    let external = ExternalId::parse("ann").unwrap();
    for name in [ann.as_str(), external.as_str()] {
        let answer = viewer_response(&server, &key.sign(&claims(&json!({ "role": "guest", "guest": name })))).await;
        assert_eq!((&answer.field()["actor"], &answer.field()["role"]), (&json!(ann), &json!("GUEST")));
    }
    for nothing in [
        json!({ "role": "guest", "guest": [ann, 5] }),
        json!({ "role": "guest", "guest": [ann] }),
        json!({ "role": null }),
        json!({ "role": "king" }),
        json!({ "role": "public" }),
        json!({ "role": "staff" }),
        json!({ "role": "staff", "centers": ["nowhere"] }),
        json!({ "role": "partner", "scope": "openid" }),
        json!({ "role": "guest" }),
        json!({ "role": "guest", "guest": "nobody" }),
        json!({ "role": "guest", "guest": [ann, "ann"] }),
    ] {
        let answer = viewer_response(&server, &key.sign(&claims(&nothing))).await;
        assert_eq!((answer.status.as_u16(), answer.error_code()), (403, "FORBIDDEN"), "{nothing}");
    }
}

#[apply(on_each_database)]
async fn an_operator_can_map_claims_and_roles(app: TestApp) {
    let key = SigningKey::ed25519(1);
    let roles = vec!["studio-boss=admin".parse().unwrap(), "studio=staff".parse().unwrap()];
    let names = ClaimNames {
        role: "realm_access.roles".to_owned(),
        roles,
        centers: "https://studio.example.com/sites".to_owned(),
        ..ClaimNames::default()
    };
    let server = server_with_keys(&app, &[&key], names).await;
    let center = app.center("A center").await.to_string();
    let claims_with = |roles: &[&str]| {
        claims(&json!({ "realm_access": { "roles": roles }, "https://studio.example.com/sites": [center] }))
    };
    let holder =
        |roles: &[&str]| server.client().with_authorization(&format!("bearer {}", key.sign(&claims_with(roles))));
    assert_eq!(who(&holder(&["studio"])).await["role"], "STAFF");
    assert_eq!(who(&holder(&["studio", "studio-boss"])).await["role"], "ADMIN", "the role with the most access");
    let answer = holder(&["admin"]).graphql(WHO, &Value::Null).await;
    assert_eq!(answer.error_code(), "FORBIDDEN", "the mapping has no such role");
}
