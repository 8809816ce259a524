//! Authentication: API keys, tokens of the operator's identity provider, and anonymous access.

mod claims;
mod jwks;
mod jwks_source;
mod tokens;

use std::{net::IpAddr, sync::Arc};

use domain::{ApiKeyPrefix, Timestamp, access::Access};
use persistence::{Clock, Store, StoreError};

pub use claims::{ClaimNames, RoleMapping};
pub use jwks_source::{JwksSource, JwksSourceInvalid};
pub use tokens::{ALGORITHMS, Algorithm, TokenSettings, UnsupportedAlgorithm, parse_algorithm};

use crate::{caller_key::CallerKey, graphql::Fault};
use tokens::Tokens;

/// The maximum length of a credential.
const MAX_CREDENTIAL_BYTES: usize = 16 * 1024;

/// How a server authenticates its callers.
#[derive(Clone)]
pub struct Authentication {
    /// The access of a request without a credential; `None`: every request needs one.
    anonymous: Option<Access>,
    tokens: Option<Arc<Tokens>>,
}

/// An authenticated or anonymous caller.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// What the caller can see and do.
    pub(crate) access: Access,
    /// When the credential expires.
    expires_at: Option<Timestamp>,
    /// The API key of the caller, which can be revoked.
    key: Option<ApiKeyPrefix>,
    /// The address of the client.
    pub(crate) address: Option<IpAddr>,
}

/// Why authentication failed.
#[derive(Debug)]
pub(crate) enum AuthError {
    /// The request has no credential, and anonymous access is off.
    MissingCredential,
    /// The credential is malformed, unknown, expired or revoked. Clients do not learn which.
    InvalidCredential,
    /// Too many credentials from this address were invalid; the address can retry after these seconds.
    RateLimited(u64),
    /// The token is valid and gives its holder no role.
    NoRole,
    /// The credential cannot be checked now.
    Fault(Fault),
}

impl Authentication {
    /// Authentication by API keys, and by tokens if an identity provider is configured. `anonymous`: the access of a
    /// request without a credential.
    pub fn new(anonymous: Option<Access>, tokens: Option<TokenSettings>) -> Self {
        Self { anonymous, tokens: tokens.map(|settings| Arc::new(Tokens::new(settings))) }
    }

    /// Whether an identity provider is configured.
    pub(crate) fn accepts_tokens(&self) -> bool {
        self.tokens.is_some()
    }

    /// Reads the keys of the identity provider for the first time, and from then on at an interval. An error is a message
    /// for the operator.
    pub(crate) async fn prepare(&self, clock: &Clock) -> Result<(), String> {
        match &self.tokens {
            Some(tokens) => tokens.prepare(clock).await,
            None => Ok(()),
        }
    }

    /// Authenticates the value of an `Authorization` header.
    pub(crate) async fn identify(&self, store: &Store, credential: Option<&str>) -> Result<Caller, AuthError> {
        let Some(credential) = credential else { return self.anonymous().ok_or(AuthError::MissingCredential) };
        if credential.len() > MAX_CREDENTIAL_BYTES {
            return Err(AuthError::InvalidCredential);
        }
        let (scheme, secret) = credential.trim().split_once(' ').ok_or(AuthError::InvalidCredential)?;
        let secret = secret.trim_start();
        if scheme.eq_ignore_ascii_case("apikey") {
            let text = secret.parse().map_err(|_| AuthError::InvalidCredential)?;
            let key = store.authenticate(&text).await?.ok_or(AuthError::InvalidCredential)?;
            let (expires_at, prefix) = (key.expires_at(), key.prefix().clone());
            Ok(Caller { access: key.access(), expires_at, key: Some(prefix), address: None })
        } else if scheme.eq_ignore_ascii_case("bearer") {
            let tokens = self.tokens.as_ref().ok_or(AuthError::InvalidCredential)?;
            let (access, expires_at) = tokens.verify(secret, store).await?;
            Ok(Caller { access, expires_at: Some(expires_at), key: None, address: None })
        } else {
            Err(AuthError::InvalidCredential)
        }
    }

    fn anonymous(&self) -> Option<Caller> {
        Some(Caller { access: self.anonymous.clone()?, expires_at: None, key: None, address: None })
    }
}

/// API keys, and this access for requests without a credential.
impl From<Access> for Authentication {
    fn from(anonymous: Access) -> Self {
        Self::new(Some(anonymous), None)
    }
}

impl Caller {
    pub(crate) fn with_address(self, address: Option<IpAddr>) -> Self {
        Self { address, ..self }
    }

    /// The caller as limits count it.
    pub(crate) fn key(&self) -> CallerKey {
        CallerKey::of(self.access.actor(), self.address)
    }

    /// Whether the credential can expire or be revoked while the connection is open.
    pub(crate) fn can_expire(&self) -> bool {
        self.expires_at.is_some() || self.key.is_some()
    }

    pub(crate) fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Whether the credential is still valid. If it cannot be checked now, it counts as valid until the next check.
    pub(crate) async fn is_valid(&self, store: &Store) -> bool {
        if self.expires_at.is_some_and(|expires_at| expires_at <= store.clock().now()) {
            return false;
        }
        match &self.key {
            Some(prefix) => store.reauthenticate(prefix).await.map_err(Fault::from).map_or(true, |key| key.is_some()),
            None => true,
        }
    }
}

impl From<StoreError> for AuthError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}
