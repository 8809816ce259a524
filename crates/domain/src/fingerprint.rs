//! Fingerprints of commands: a request that repeats an idempotency key must have the input of the first one.

use std::fmt::Display;

use sha2::{Digest, Sha256};
use type_safe_id::{StaticType, TypeSafeId};

use crate::{
    ExternalId, Patch, Timestamp, TrackId,
    problems::{CenterInvalid, MissingInput, RequiredInput},
};

/// A digest of an operation and its inputs. It distinguishes a retry from another request with the same key.
///
/// Digests are stored for 24 hours, also across upgrades. An absent value adds nothing to a digest. A new optional field
/// therefore does not change the digest of a request that omits it. (Convert another default to `None`.)
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Fingerprint {
    operation: &'static str,
    digest: [u8; 32],
}

impl Fingerprint {
    /// The fingerprint of an operation with these inputs.
    pub fn of(operation: &'static str, inputs: &FingerprintInputs) -> Self {
        let digest = Sha256::new().chain_update(sized(operation.as_bytes())).chain_update(&inputs.0);
        Self { operation, digest: digest.finalize().into() }
    }

    /// The name of the operation.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The digest as it is stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.digest
    }
}

/// The named inputs of an operation, in an order that the operation fixes.
#[derive(Clone, Debug, Default)]
pub struct FingerprintInputs(Vec<u8>);

impl FingerprintInputs {
    /// Adds an input, unless its value is absent.
    #[must_use]
    pub fn field(mut self, name: &str, value: &(impl FingerprintValue + ?Sized)) -> Self {
        if let Some(value) = value.encode() {
            self.0.extend(sized(name.as_bytes()));
            self.0.extend(sized(&value));
        }
        self
    }
}

/// A value that a fingerprint can cover.
pub trait FingerprintValue {
    /// The value as bytes that no other value has; `None` if the value is absent.
    fn encode(&self) -> Option<Vec<u8>>;
}

/// The length in front keeps ("ab", "c") apart from ("a", "bc").
fn sized(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u64).to_be_bytes(), bytes].concat()
}

fn text(value: impl Display) -> Vec<u8> {
    format!("t{value}").into_bytes()
}

/// Encodes values as the text that they display.
macro_rules! encode_as_text {
    ($($value:ty),+) => {
        $(impl FingerprintValue for $value {
            fn encode(&self) -> Option<Vec<u8>> {
                Some(text(self))
            }
        })+
    };
}

encode_as_text!(str, String, bool, i32, u32, TrackId);

impl<T: StaticType> FingerprintValue for TypeSafeId<T> {
    fn encode(&self) -> Option<Vec<u8>> {
        Some(text(self))
    }
}

impl FingerprintValue for ExternalId {
    fn encode(&self) -> Option<Vec<u8>> {
        Some(text(self.as_str()))
    }
}

impl FingerprintValue for Timestamp {
    fn encode(&self) -> Option<Vec<u8>> {
        Some(text(self.timestamp_micros()))
    }
}

impl<T: FingerprintValue + ?Sized> FingerprintValue for &T {
    fn encode(&self) -> Option<Vec<u8>> {
        (*self).encode()
    }
}

impl<T: FingerprintValue> FingerprintValue for Option<T> {
    fn encode(&self) -> Option<Vec<u8>> {
        self.as_ref().and_then(FingerprintValue::encode)
    }
}

/// A value, or why it is invalid.
impl<T: FingerprintValue, E: FingerprintValue> FingerprintValue for Result<T, E> {
    fn encode(&self) -> Option<Vec<u8>> {
        let invalid = |error: &E| [b"e", error.encode().unwrap_or_default().as_slice()].concat();
        self.as_ref().map_or_else(|error| Some(invalid(error)), FingerprintValue::encode)
    }
}

/// All malformed ids of centers are encoded alike: each is rejected, and a rejection is not stored.
impl FingerprintValue for CenterInvalid {
    fn encode(&self) -> Option<Vec<u8>> {
        None
    }
}

impl FingerprintValue for MissingInput {
    fn encode(&self) -> Option<Vec<u8>> {
        let name = |field: &RequiredInput| match field {
            RequiredInput::Track => "trackId",
            RequiredInput::Guest => "guestId",
            RequiredInput::Center => "centerId",
        };
        self.fields.iter().map(name).collect::<Vec<_>>().encode()
    }
}

impl<T: FingerprintValue> FingerprintValue for Patch<T> {
    fn encode(&self) -> Option<Vec<u8>> {
        match self {
            Self::Keep => None,
            Self::Clear => Some(b"n".to_vec()),
            Self::Set(value) => value.encode(),
        }
    }
}

impl<T: FingerprintValue> FingerprintValue for [T] {
    fn encode(&self) -> Option<Vec<u8>> {
        // An absent element has no bytes, unlike every value.
        let elements = self.iter().flat_map(|element| sized(&element.encode().unwrap_or_default()));
        Some(std::iter::once(b'l').chain(elements).collect())
    }
}

impl<T: FingerprintValue> FingerprintValue for Vec<T> {
    fn encode(&self) -> Option<Vec<u8>> {
        self.as_slice().encode()
    }
}

impl FingerprintValue for FingerprintInputs {
    fn encode(&self) -> Option<Vec<u8>> {
        Some([b"o", self.0.as_slice()].concat())
    }
}

impl FingerprintValue for Fingerprint {
    fn encode(&self) -> Option<Vec<u8>> {
        Some([b"d", self.as_bytes()].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(value: &(impl FingerprintValue + ?Sized)) -> Fingerprint {
        Fingerprint::of("x", &FingerprintInputs::default().field("value", value))
    }

    #[test]
    fn a_fingerprint_depends_on_the_operation_and_on_every_name_and_value() {
        let one = |operation, name, value| Fingerprint::of(operation, &FingerprintInputs::default().field(name, value));
        assert_eq!(one("x", "a", "1"), one("x", "a", "1"));
        assert_ne!(one("x", "a", "1"), one("y", "a", "1"));
        assert_ne!(one("x", "a", "1"), one("x", "b", "1"));
        assert_ne!(one("x", "a", "1"), one("x", "a", "2"));
        assert_ne!(one("x", "ab", "c"), one("x", "a", "bc"));
    }

    #[test]
    fn an_absent_value_adds_nothing() {
        let nothing = Fingerprint::of("x", &FingerprintInputs::default());
        assert_eq!(digest(&None::<String>), nothing);
        assert_eq!(digest(&Patch::<String>::Keep), nothing);
        assert_ne!(digest(""), nothing);
        assert_ne!(digest(&[""; 0][..]), nothing);
    }

    #[test]
    fn a_cleared_value_is_not_an_empty_text() {
        let patches = [Patch::Keep, Patch::Clear, Patch::Set(""), Patch::Set("n"), Patch::Set("null")];
        let digests: std::collections::HashSet<_> = patches.iter().map(digest).collect();
        assert_eq!(digests.len(), patches.len());
    }

    #[test]
    fn a_list_depends_on_its_elements_and_their_order() {
        let lists: [&[Option<&str>]; 6] =
            [&[], &[None], &[None, None], &[Some("ab"), Some("c")], &[Some("a"), Some("bc")], &[Some("bc"), Some("a")]];
        let digests: std::collections::HashSet<_> = lists.iter().map(digest).collect();
        assert_eq!(digests.len(), lists.len());
    }
}
