//! Bearer tokens: JWTs of the operator's identity provider.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use domain::{Timestamp, access::Access};
pub use jsonwebtoken::Algorithm;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, errors::ErrorKind, jwk::Jwk};
use persistence::{Clock, Store};
use serde_json::{Map, Value};

use super::{
    AuthError,
    claims::ClaimNames,
    jwks::{Jwks, REFRESH_INTERVAL},
    jwks_source::JwksSource,
};

/// The accepted difference between the clock of the identity provider and ours.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);

/// The default signature algorithms.
pub const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// The accepted values of `typ`: access tokens, but no logout tokens.
const TYPES: [&str; 3] = ["JWT", "at+jwt", "application/at+jwt"];

/// The tokens that a server accepts, and the meaning of their claims.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    /// The keys of the identity provider.
    pub jwks: JwksSource,
    /// The required `iss`.
    pub issuer: String,
    /// The accepted values of `aud`; one must match.
    pub audiences: Vec<String>,
    /// The accepted signature algorithms.
    pub algorithms: Vec<Algorithm>,
    /// The names of the claims.
    pub claims: ClaimNames,
}

/// The name of an unknown algorithm, or of one with a shared secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA")]
pub struct UnsupportedAlgorithm;

/// Parses the name of an algorithm. Rejects algorithms with a shared secret: a party that can verify such a token can also
/// forge one.
pub fn parse_algorithm(name: &str) -> Result<Algorithm, UnsupportedAlgorithm> {
    match name.parse() {
        Ok(Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512) | Err(_) => Err(UnsupportedAlgorithm),
        Ok(algorithm) => Ok(algorithm),
    }
}

/// Verifies the tokens of one identity provider.
pub(super) struct Tokens {
    settings: TokenSettings,
    jwks: Arc<Jwks>,
}

impl Tokens {
    pub(super) fn new(settings: TokenSettings) -> Self {
        Self { jwks: Arc::new(Jwks::new(settings.jwks.clone())), settings }
    }

    pub(super) async fn prepare(&self, clock: &Clock) -> Result<(), String> {
        self.jwks.prepare(clock.now()).await?;
        self.jwks.start_refreshing(clock, REFRESH_INTERVAL);
        Ok(())
    }

    /// Verifies a token and returns the access of its holder and the time of its expiry. The client does not learn why a
    /// token is rejected. The log contains the reason, and nothing from the token.
    pub(super) async fn verify(&self, token: &str, store: &Store) -> Result<(Access, Timestamp), AuthError> {
        let now = store.clock().now();
        let rejected = |reason: &'static str| {
            tracing::info!(reason, "rejected a token");
            AuthError::InvalidCredential
        };
        let header = decode_header(token).map_err(|_| rejected("it is not a JWT"))?;
        let is_access_token =
            header.typ.as_deref().is_none_or(|typ| TYPES.iter().any(|accepted| accepted.eq_ignore_ascii_case(typ)));
        if header.crit.is_some() || !is_access_token {
            return Err(rejected("its header has an unknown `typ` or a `crit`"));
        }
        if !self.settings.algorithms.contains(&header.alg) {
            return Err(rejected("its algorithm is not accepted (--token-algorithms)"));
        }
        let keys = self.jwks.keys(header.kid.as_deref(), now).await.map_err(AuthError::Fault)?;
        let key = signing_key(&keys, header.kid.as_deref(), header.alg)
            .ok_or_else(|| rejected("its key is not among the keys of the identity provider"))?;
        let key = DecodingKey::from_jwk(key).map_err(|_| rejected("its key is invalid"))?;
        let claims: Map<String, Value> =
            decode(token, &key, &self.validation(header.alg)).map_err(|error| rejected(reason(error.kind())))?.claims;
        let claim = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        if claim("iss") != Some(&self.settings.issuer) {
            return Err(rejected("it has another issuer (--token-issuer)"));
        }
        if claim("sub").is_none() {
            return Err(rejected("it has no subject"));
        }
        let expires_at = expiry(&claims, now).ok_or_else(|| rejected("it has expired, or is not valid yet"))?;
        let access = self.settings.claims.access(&self.settings.issuer, &claims, store).await.inspect_err(|error| {
            if matches!(error, AuthError::NoRole) {
                tracing::info!(
                    "rejected a token: its claims contain no role, or lack the centers or guest of the role"
                );
            }
        })?;
        Ok((access, expires_at))
    }

    /// Validates everything except the times, which are compared with the store's clock.
    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&self.settings.audiences);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation
    }
}

/// Why a well-formed token is rejected.
fn reason(error: &ErrorKind) -> &'static str {
    match error {
        ErrorKind::InvalidSignature => "its signature is invalid",
        ErrorKind::InvalidIssuer => "it has another issuer (--token-issuer)",
        ErrorKind::InvalidAudience => "it has another audience (--token-audience)",
        ErrorKind::MissingRequiredClaim(_) => "it lacks one of the claims exp, iss, aud and sub",
        _ => "it is not a JWT",
    }
}

/// The key that signed a token. A token without a `kid` needs a source with exactly one matching key.
fn signing_key<'a>(keys: &'a [Jwk], kid: Option<&str>, algorithm: Algorithm) -> Option<&'a Jwk> {
    let mut matching = keys.iter().filter(|key| {
        let declared = key.common.key_algorithm;
        declared.is_none_or(|declared| declared.to_string().parse() == Ok(algorithm))
            && kid.is_none_or(|kid| key.common.key_id.as_deref() == Some(kid))
    });
    let key = matching.next()?;
    (kid.is_some() || matching.next().is_none()).then_some(key)
}

/// The expiry of a token that is valid now; `None` if it has expired or is not valid yet.
fn expiry(claims: &Map<String, Value>, now: Timestamp) -> Option<Timestamp> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "fractions of a second do not matter, and large values saturate"
    )]
    let instant = |value: &Value| DateTime::from_timestamp(value.as_f64()? as i64, 0);
    let expires_at = instant(claims.get("exp")?)?.checked_add_signed(LEEWAY)?;
    let valid_from = match claims.get("nbf") {
        Some(value) => Some(instant(value)?.checked_sub_signed(LEEWAY)?),
        None => None,
    };
    (now < expires_at && valid_from.is_none_or(|valid_from| valid_from <= now)).then_some(expires_at)
}
