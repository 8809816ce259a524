//! Keys that make a retry safe, as in the IETF draft "The Idempotency-Key HTTP Header Field".

use std::fmt;

/// A key of the caller for one request: 1 to 255 visible ASCII characters, valid for 24 hours.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct IdempotencyKey(String);

/// Why a text cannot be an [`IdempotencyKey`].
#[derive(Debug, thiserror::Error)]
#[error("An idempotency key has 1 to 255 visible ASCII characters.")]
pub struct IdempotencyKeyMalformed;

impl IdempotencyKey {
    /// The hours for which a key and its result are stored.
    pub const RETENTION_HOURS: i64 = 24;

    /// Parses a key. A key is never trimmed, so two different keys stay different.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idempotency_key_has_1_to_255_visible_ascii_characters() {
        for good in ["a", "7f1c-41", &"k".repeat(255)] {
            assert!(IdempotencyKey::parse(good).is_ok(), "{good}");
        }
        for bad in ["", " ", "a b", "é", "a\n", &"k".repeat(256)] {
            assert!(IdempotencyKey::parse(bad).is_err(), "{bad}");
        }
    }
}
