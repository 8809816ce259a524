//! Revoke an API key. Doing it twice is the same as doing it once.

use std::str::FromStr;

use super::refusal;
use crate::{ApiKeyId, ApiKeyMalformed, ApiKeyPrefix, ApiKeyText};

/// A key to revoke.
#[derive(Clone, Debug)]
pub struct RevokeApiKey {
    /// Which one; `None` for a text that names nothing.
    pub key: Option<ApiKeyReference>,
}

/// What a key is known by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ApiKeyReference {
    /// Its id, `key_…`.
    Id(ApiKeyId),
    /// The part of it that may be known, `atl_…`.
    Prefix(ApiKeyPrefix),
}

refusal! {
    /// The problems this command can meet.
    RevokeApiKeyRefusal { ApiKeyInvalid }
}

impl FromStr for ApiKeyReference {
    type Err = ApiKeyMalformed;

    fn from_str(text: &str) -> Result<Self, ApiKeyMalformed> {
        // Who has a whole key in hand, as it was found somewhere, means that one.
        let prefix = || text.parse().or_else(|_| text.parse::<ApiKeyText>().map(|key| key.prefix().clone()));
        text.parse().map(Self::Id).or_else(|_| prefix().map(Self::Prefix))
    }
}
