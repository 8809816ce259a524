//! Keys that make a retry safe, as in the IETF draft "The Idempotency-Key HTTP Header Field".

use std::fmt;

use sha2::{Digest, Sha256};

/// A key chosen by the caller: 1 to 255 visible ASCII characters, the caller's own for 24 hours.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct IdempotencyKey(String);

/// Why a text cannot be an [`IdempotencyKey`].
#[derive(Debug, thiserror::Error)]
#[error("An idempotency key has 1 to 255 visible ASCII characters.")]
pub struct IdempotencyKeyMalformed;

impl IdempotencyKey {
    /// Hours for which a key is kept.
    pub const KEPT_HOURS: i64 = 24;

    /// The key as the caller wrote it; a key is never trimmed, so that two keys never become one.
    pub fn parse(text: &str) -> Result<Self, IdempotencyKeyMalformed> {
        let well_formed = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        well_formed.then(|| Self(text.to_owned())).ok_or(IdempotencyKeyMalformed)
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A digest of what was asked, so that a key that comes back can be told from a key that is reused.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Fingerprint {
    operation: &'static str,
    digest: [u8; 32],
}

impl Fingerprint {
    /// The digest of an operation and its inputs, in an order that the operation fixes.
    pub fn of<const N: usize>(operation: &'static str, inputs: [&dyn fmt::Display; N]) -> Self {
        Self::of_all(operation, inputs)
    }

    /// The same of any number of inputs.
    pub fn of_all(operation: &'static str, inputs: impl IntoIterator<Item = impl fmt::Display>) -> Self {
        let mut digest = Sha256::new();
        let inputs = inputs.into_iter().map(|input| input.to_string());
        for part in std::iter::once(operation.to_owned()).chain(inputs) {
            // The length in front keeps ("ab", "c") apart from ("a", "bc").
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        Self { operation, digest: digest.finalize().into() }
    }

    /// The name of the operation that was asked for.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The digest as it is stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_ascii_within_its_length() {
        for good in ["a", "7f1c-41", &"k".repeat(255)] {
            assert!(IdempotencyKey::parse(good).is_ok(), "{good}");
        }
        for bad in ["", " ", "a b", "é", "a\n", &"k".repeat(256)] {
            assert!(IdempotencyKey::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn fingerprints_keep_neighbouring_inputs_apart() {
        assert_eq!(Fingerprint::of("x", [&"ab", &"c"]), Fingerprint::of("x", [&"ab", &"c"]));
        assert_ne!(Fingerprint::of("x", [&"ab", &"c"]), Fingerprint::of("x", [&"a", &"bc"]));
        assert_ne!(Fingerprint::of("x", [&"ab"]), Fingerprint::of("y", [&"ab"]));
    }
}
