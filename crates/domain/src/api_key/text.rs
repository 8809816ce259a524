use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Digits and small letters without those that are taken for others: the alphabet of Crockford's base 32.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const PREFIX_CHARS: usize = 8;
const SECRET_CHARS: usize = 32;

/// All of a key, as its holder sends it: `atl_`, eight characters that name it, `_`, and 32 that only the holder knows.
///
/// It is never shown by accident: only [`ApiKeyText::reveal`] tells it.
#[derive(Clone, Eq, PartialEq)]
pub struct ApiKeyText {
    prefix: ApiKeyPrefix,
    secret: String,
}

/// The part of a key that may be known: by it a person tells keys apart, and a look-up finds them.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ApiKeyPrefix(String);

/// What is kept of the part of a key that only its holder knows.
///
/// A fast hash is right here. A slow one makes guessing dear where people choose passwords; nobody guesses 160 random
/// bits, and it would have to be paid with every request.
#[derive(Clone, Copy)]
pub struct KeyDigest([u8; 32]);

/// A text that is no key. It does not say where it is wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an API key")]
pub struct ApiKeyMalformed;

impl ApiKeyText {
    /// A new key of bytes that are random.
    pub fn from_random_bytes(prefix: [u8; PREFIX_CHARS * 5 / 8], secret: [u8; SECRET_CHARS * 5 / 8]) -> Self {
        Self { prefix: ApiKeyPrefix(encode(&prefix)), secret: encode(&secret) }
    }

    /// The key as its holder writes it. For nobody else, and no log.
    pub fn reveal(&self) -> String {
        format!("{}_{}", self.prefix, self.secret)
    }

    /// The part that may be known.
    pub fn prefix(&self) -> &ApiKeyPrefix {
        &self.prefix
    }

    /// What is kept of the rest.
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
    /// The digest that was kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// As it is kept.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether it is of the same secret; takes as long wherever they differ.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyDigest(…)")
    }
}

/// Five bytes are eight letters.
#[expect(clippy::cast_possible_truncation, reason = "of each place the last five bits count")]
fn encode(bytes: &[u8]) -> String {
    let number = |five: &[u8]| five.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
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
    fn a_key_reads_back_as_what_it_was() {
        assert_eq!(key().reveal(), "atl_0000000z_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz");
        let read: ApiKeyText = key().reveal().parse().unwrap();
        assert_eq!((read.prefix().to_string().as_str(), &read), ("atl_0000000z", &key()));
        assert!(read.digest().matches(&key().digest()));
        assert!(!ApiKeyText::from_random_bytes([0, 0, 0, 0, 31], [254; 20]).digest().matches(&key().digest()));
    }

    #[test]
    fn a_secret_is_in_nothing_that_is_shown_of_it() {
        assert_eq!(format!("{:?} {:?}", key(), key().digest()), "atl_0000000z_… KeyDigest(…)");
    }

    #[test]
    fn what_is_not_a_key_is_told_as_such_and_does_not_panic() {
        let key = key().reveal();
        for text in ["", "_", "atl__", "é", &key[..key.len() - 1], &key.to_uppercase(), &format!("{key}0"), &key[4..]]
        {
            assert_eq!(text.parse::<ApiKeyText>(), Err(ApiKeyMalformed), "{text}");
        }
        assert!(key.replace('z', "u").parse::<ApiKeyText>().is_err(), "no letter of the alphabet");
        assert!(key.replace('z', "é").parse::<ApiKeyText>().is_err());
    }
}
