use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The alphabet of Crockford's base 32: digits and lower-case letters without i, l, o and u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const PREFIX_CHARS: usize = 8;
const SECRET_CHARS: usize = 32;

/// A whole key: `atl_`, eight characters of the prefix, `_`, and 32 secret characters.
///
/// Only [`ApiKeyText::reveal`] returns the secret; `Debug` hides it.
#[derive(Clone, Eq, PartialEq)]
pub struct ApiKeyText {
    prefix: ApiKeyPrefix,
    secret: String,
}

/// The public part of a key. Lookups and people identify a key by it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ApiKeyPrefix(String);

/// The stored digest of the secret part of a key.
///
/// A fast hash is enough. Slow hashes protect passwords that people choose; 160 random bits cannot be guessed, and
/// each request would pay for a slow hash.
#[derive(Clone, Copy)]
pub struct KeyDigest([u8; 32]);

/// A text that is not a key. The message does not repeat the text, which can be a mistyped secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an API key")]
pub struct ApiKeyMalformed;

impl ApiKeyText {
    /// A new key from random bytes.
    pub fn from_random_bytes(prefix: [u8; PREFIX_CHARS * 5 / 8], secret: [u8; SECRET_CHARS * 5 / 8]) -> Self {
        Self { prefix: ApiKeyPrefix(encode(&prefix)), secret: encode(&secret) }
    }

    /// The whole key with its secret. Show it only to the holder, and never log it.
    pub fn reveal(&self) -> String {
        format!("{}_{}", self.prefix, self.secret)
    }

    /// The public part.
    pub fn prefix(&self) -> &ApiKeyPrefix {
        &self.prefix
    }

    /// The digest of the secret part.
    pub fn digest(&self) -> KeyDigest {
        KeyDigest(Sha256::digest(&self.secret).into())
    }
}

impl FromStr for ApiKeyText {
    type Err = ApiKeyMalformed;

    fn from_str(text: &str) -> Result<Self, ApiKeyMalformed> {
        let (prefix, secret) = text.rsplit_once('_').ok_or(ApiKeyMalformed)?;
        if !is_encoded(secret, SECRET_CHARS) {
            return Err(ApiKeyMalformed);
        }
        Ok(Self { prefix: prefix.parse()?, secret: secret.to_owned() })
    }
}

impl fmt::Debug for ApiKeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_…", self.prefix)
    }
}

impl fmt::Display for ApiKeyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "atl_{}", self.0)
    }
}

impl FromStr for ApiKeyPrefix {
    type Err = ApiKeyMalformed;

    fn from_str(text: &str) -> Result<Self, ApiKeyMalformed> {
        let letters = text.strip_prefix("atl_").filter(|letters| is_encoded(letters, PREFIX_CHARS));
        letters.map(|letters| Self(letters.to_owned())).ok_or(ApiKeyMalformed)
    }
}

impl KeyDigest {
    /// A stored digest.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest as it is stored.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both digests are of the same secret, in constant time.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyDigest(…)")
    }
}

/// Encodes each five bytes as eight characters.
#[expect(clippy::cast_possible_truncation, reason = "only the last five bits of each shift are used")]
fn encode(bytes: &[u8]) -> String {
    let number = |chunk: &[u8]| chunk.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let eight =
        |number: u64| (0..8).rev().map(move |place| ALPHABET[usize::from((number >> (5 * place)) as u8 % 32)] as char);
    bytes.chunks(5).flat_map(|five| eight(number(five))).collect()
}

fn is_encoded(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> ApiKeyText {
        ApiKeyText::from_random_bytes([0, 0, 0, 0, 31], [255; 20])
    }

    #[test]
    fn a_key_parses_back() {
        assert_eq!(key().reveal(), "atl_0000000z_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz");
        let read: ApiKeyText = key().reveal().parse().unwrap();
        assert_eq!((read.prefix().to_string().as_str(), &read), ("atl_0000000z", &key()));
        assert!(read.digest().matches(&key().digest()));
        assert!(!ApiKeyText::from_random_bytes([0, 0, 0, 0, 31], [254; 20]).digest().matches(&key().digest()));
    }

    #[test]
    fn debug_output_does_not_contain_the_secret() {
        assert_eq!(format!("{:?} {:?}", key(), key().digest()), "atl_0000000z_… KeyDigest(…)");
    }

    #[test]
    fn a_malformed_key_is_rejected_without_a_panic() {
        let key = key().reveal();
        for text in ["", "_", "atl__", "é", &key[..key.len() - 1], &key.to_uppercase(), &format!("{key}0"), &key[4..]]
        {
            assert_eq!(text.parse::<ApiKeyText>(), Err(ApiKeyMalformed), "{text}");
        }
        assert!(key.replace('z', "u").parse::<ApiKeyText>().is_err(), "u is not in the alphabet");
        assert!(key.replace('z', "é").parse::<ApiKeyText>().is_err());
    }
}
