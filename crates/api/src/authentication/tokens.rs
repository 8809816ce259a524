//! Bearer tokens: JWTs of the operator's identity provider.

use chrono::{DateTime, TimeDelta};
use domain::{Timestamp, access::Access};
pub use jsonwebtoken::Algorithm;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, errors::ErrorKind, jwk::Jwk};
use persistence::Store;
use serde_json::{Map, Value};

use super::{
    Unknown,
    claims::ClaimNames,
    jwks::{Jwks, JwksSource},
};

/// How far the clock of the identity provider may be off ours.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);

/// The algorithms that are taken unless others are named.
pub const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// What a token may be that lets somebody in; one to log out with is not.
const TYPES: [&str; 3] = ["JWT", "at+jwt", "application/at+jwt"];

/// Whose tokens are taken, and what is read from them.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    /// Where the keys of the identity provider are.
    pub jwks: JwksSource,
    /// What a token has to say in `iss`.
    pub issuer: String,
    /// Of these a token has to name one in `aud`.
    pub audiences: Vec<String>,
    /// How a token may be signed.
    pub algorithms: Vec<Algorithm>,
    /// What is said in which claim.
    pub claims: ClaimNames,
}

/// The name of an algorithm that is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an algorithm is one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA")]
pub struct AlgorithmRefused;

/// The algorithm of this name. Never one with a secret that both sides know: whoever can check such a token can make one.
pub fn algorithm(name: &str) -> Result<Algorithm, AlgorithmRefused> {
    match name.parse() {
        Ok(Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512) | Err(_) => Err(AlgorithmRefused),
        Ok(algorithm) => Ok(algorithm),
    }
}

pub(super) struct Tokens {
    settings: TokenSettings,
    jwks: Jwks,
}

impl Tokens {
    pub(super) fn new(settings: TokenSettings) -> Self {
        Self { jwks: Jwks::of(settings.jwks.clone()), settings }
    }

    pub(super) async fn prepare(&self, now: Timestamp) -> Result<(), String> {
        self.jwks.prepare(now).await
    }

    /// What the holder of this token may, and until when. A token that is not right is refused without a word about why:
    /// it would only help whoever tries. The log tells the operator, without anything that stands in the token.
    pub(super) async fn verify(&self, token: &str, store: &Store) -> Result<(Access, Timestamp), Unknown> {
        let now = store.clock().now();
        let refused = |why: &'static str| {
            tracing::info!(why, "a token was refused");
            Unknown::Refused
        };
        let header = decode_header(token).map_err(|_| refused("it is no JWT"))?;
        let is_of_access =
            header.typ.as_deref().is_none_or(|kind| TYPES.iter().any(|ours| ours.eq_ignore_ascii_case(kind)));
        if header.crit.is_some() || !is_of_access {
            return Err(refused("its header asks for something else"));
        }
        if !self.settings.algorithms.contains(&header.alg) {
            return Err(refused("its algorithm is not taken"));
        }
        let keys = self.jwks.keys(header.kid.as_deref(), now).await.map_err(Unknown::Fault)?;
        let key = chosen(&keys, header.kid.as_deref(), header.alg).ok_or_else(|| refused("its key is not known"))?;
        let key = DecodingKey::from_jwk(key).map_err(|_| refused("its key cannot be used"))?;
        let claims: Map<String, Value> =
            decode(token, &key, &self.validation(header.alg)).map_err(|error| refused(reason(error.kind())))?.claims;
        let says = |name: &str| claims.get(name).and_then(Value::as_str).filter(|said| !said.is_empty());
        if says("iss") != Some(&self.settings.issuer) {
            return Err(refused("it is of another issuer"));
        }
        if says("sub").is_none() {
            return Err(refused("it names nobody"));
        }
        let lapses_at = lapse(&claims, now).ok_or_else(|| refused("it has expired, or is not good yet"))?;
        let access =
            self.settings.claims.access(&self.settings.issuer, &claims, store).await.inspect_err(|unknown| {
                if matches!(unknown, Unknown::NoRole) {
                    tracing::info!(
                        "a token was refused: its claims give no role, or a role without what belongs to it"
                    );
                }
            })?;
        Ok((access, lapses_at))
    }

    /// Everything but the times, which are held against the store's clock.
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

/// Why a token is refused that could be read.
fn reason(error: &ErrorKind) -> &'static str {
    match error {
        ErrorKind::InvalidSignature => "its signature is wrong",
        ErrorKind::InvalidIssuer => "it is of another issuer",
        ErrorKind::InvalidAudience => "it is for another audience",
        ErrorKind::MissingRequiredClaim(_) => "a claim is missing",
        _ => "it is no JWT",
    }
}

/// The key that signed a token. One that names none is taken only where there is no choice.
fn chosen<'a>(keys: &'a [Jwk], kid: Option<&str>, algorithm: Algorithm) -> Option<&'a Jwk> {
    let mut fitting = keys.iter().filter(|key| {
        let own = key.common.key_algorithm;
        own.is_none_or(|own| own.to_string().parse() == Ok(algorithm))
            && kid.is_none_or(|kid| key.common.key_id.as_deref() == Some(kid))
    });
    let key = fitting.next()?;
    (kid.is_some() || fitting.next().is_none()).then_some(key)
}

/// When a token lapses, unless it is too early or too late for it now.
fn lapse(claims: &Map<String, Value>, now: Timestamp) -> Option<Timestamp> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a fraction of a second does not matter, and the rest saturates"
    )]
    let instant = |value: &Value| DateTime::from_timestamp(value.as_f64()? as i64, 0);
    let lapses_at = instant(claims.get("exp")?)?.checked_add_signed(LEEWAY)?;
    let begins_at = match claims.get("nbf") {
        Some(value) => Some(instant(value)?.checked_sub_signed(LEEWAY)?),
        None => None,
    };
    (now < lapses_at && begins_at.is_none_or(|begins_at| begins_at <= now)).then_some(lapses_at)
}
