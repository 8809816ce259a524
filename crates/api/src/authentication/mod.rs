//! Who is calling: whoever holds an API key, somebody with a token of the operator's identity provider, or a stranger.

mod claims;
mod jwks;
mod tokens;

use std::{net::IpAddr, sync::Arc};

use domain::{ApiKeyPrefix, Timestamp, access::Access};
use persistence::{Store, StoreError};

pub use claims::{ClaimNames, RoleMapping};
pub use jwks::{JwksSource, JwksSourceInvalid};
pub use tokens::{ALGORITHMS, Algorithm, AlgorithmRefused, TokenSettings, algorithm};

use crate::graphql::Fault;
use tokens::Tokens;

/// The longest credential that is looked at.
const MOST_BYTES: usize = 16 * 1024;

/// How a server finds out who is calling.
#[derive(Clone)]
pub struct Authentication {
    /// What somebody may who does not say who they are; `None`: nothing at all.
    stranger: Option<Access>,
    tokens: Option<Arc<Tokens>>,
}

/// Somebody who calls.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// What they may see and do.
    pub(crate) access: Access,
    /// From when on they are nobody any more.
    lapses_at: Option<Timestamp>,
    /// The key by which they are known, which may be revoked.
    key: Option<ApiKeyPrefix>,
    /// From where they call.
    pub(crate) address: Option<IpAddr>,
}

/// Why somebody is not let in.
#[derive(Debug)]
pub(crate) enum Unknown {
    /// They did not say who they are, and strangers are not let in.
    Silent,
    /// What they said is not so, or is not so any more. Which part of it is not said.
    Refused,
    /// The same, and too often from one address: it has to wait so many seconds.
    TooOften(u64),
    /// It is known who they are, and they have nothing to do here.
    NoRole,
    /// It cannot be found out now.
    Fault(Fault),
}

impl Authentication {
    /// By API keys, and by tokens where an identity provider is known. `stranger`: what somebody may who says nothing.
    pub fn new(stranger: Option<Access>, tokens: Option<TokenSettings>) -> Self {
        Self { stranger, tokens: tokens.map(|settings| Arc::new(Tokens::new(settings))) }
    }

    /// Whether tokens are taken.
    pub(crate) fn takes_tokens(&self) -> bool {
        self.tokens.is_some()
    }

    /// Reads the keys of the identity provider for the first time; says in a sentence why it cannot.
    pub(crate) async fn prepare(&self, now: Timestamp) -> Result<(), String> {
        match &self.tokens {
            Some(tokens) => tokens.prepare(now).await,
            None => Ok(()),
        }
    }

    /// Who is calling, by what they say: the value of an `Authorization`.
    pub(crate) async fn identify(&self, store: &Store, credential: Option<&str>) -> Result<Caller, Unknown> {
        let Some(credential) = credential else { return self.stranger().ok_or(Unknown::Silent) };
        if credential.len() > MOST_BYTES {
            return Err(Unknown::Refused);
        }
        let (scheme, said) = credential.trim().split_once(' ').ok_or(Unknown::Refused)?;
        let said = said.trim_start();
        if scheme.eq_ignore_ascii_case("apikey") {
            let text = said.parse().map_err(|_| Unknown::Refused)?;
            let key = store.authenticate(&text).await?.ok_or(Unknown::Refused)?;
            let (lapses_at, prefix) = (key.expires_at(), key.prefix().clone());
            Ok(Caller { access: key.access(), lapses_at, key: Some(prefix), address: None })
        } else if scheme.eq_ignore_ascii_case("bearer") {
            let tokens = self.tokens.as_ref().ok_or(Unknown::Refused)?;
            let (access, lapses_at) = tokens.verify(said, store).await?;
            Ok(Caller { access, lapses_at: Some(lapses_at), key: None, address: None })
        } else {
            Err(Unknown::Refused)
        }
    }

    /// Somebody who says nothing, if such are let in.
    fn stranger(&self) -> Option<Caller> {
        Some(Caller { access: self.stranger.clone()?, lapses_at: None, key: None, address: None })
    }
}

/// Everybody has this access who says nothing; others come by their API keys.
impl From<Access> for Authentication {
    fn from(stranger: Access) -> Self {
        Self::new(Some(stranger), None)
    }
}

impl Caller {
    /// The same, who calls from here.
    pub(crate) fn from(self, address: Option<IpAddr>) -> Self {
        Self { address, ..self }
    }

    /// Whether this may end before the connection does.
    pub(crate) fn may_lapse(&self) -> bool {
        self.lapses_at.is_some() || self.key.is_some()
    }

    /// When it ends, as far as that is known.
    pub(crate) fn lapses_at(&self) -> Option<Timestamp> {
        self.lapses_at
    }

    /// Whether they are still who they were. Where that cannot be found out now, it is asked again later.
    pub(crate) async fn holds(&self, store: &Store) -> bool {
        if self.lapses_at.is_some_and(|lapses_at| lapses_at <= store.clock().now()) {
            return false;
        }
        match &self.key {
            Some(prefix) => store.reauthenticate(prefix).await.map_err(Fault::from).map_or(true, |key| key.is_some()),
            None => true,
        }
    }
}

impl From<StoreError> for Unknown {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}
