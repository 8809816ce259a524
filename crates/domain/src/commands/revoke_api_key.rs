//! Revokes an API key. A repeated revocation changes nothing.

use std::str::FromStr;

use super::refusal;
use crate::{ApiKeyId, ApiKeyMalformed, ApiKeyPrefix, ApiKeyText};

/// Revokes an API key.
#[derive(Clone, Debug)]
pub struct RevokeApiKey {
    /// The key; `None` if the text is malformed.
    pub key: Option<ApiKeyReference>,
}

/// The id or the prefix of a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ApiKeyReference {
    /// The id, `key_…`.
    Id(ApiKeyId),
    /// The public part of the key, `atl_…`.
    Prefix(ApiKeyPrefix),
}

refusal! {
    /// The problems of this command.
    RevokeApiKeyRefusal { ApiKeyInvalid }
}

impl FromStr for ApiKeyReference {
    type Err = ApiKeyMalformed;

    fn from_str(text: &str) -> Result<Self, ApiKeyMalformed> {
        // A whole key is accepted, too, so that a leaked key can be revoked as it was found.
        let prefix = || text.parse().or_else(|_| text.parse::<ApiKeyText>().map(|key| key.prefix().clone()));
        text.parse().map(Self::Id).or_else(|_| prefix().map(Self::Prefix))
    }
}
