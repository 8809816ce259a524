use std::fmt;

use sha2::{Digest, Sha256};

use crate::{ApiKeyId, GuestId};

/// Who asked for a change; the journal keeps it with every entry.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Actor {
    /// Somebody who did not say who they are.
    Anonymous,
    /// A visitor of `atelier demo`.
    Demo,
    /// Whoever holds this API key.
    Key(ApiKeyId),
    /// Somebody whom the operator's identity provider knows.
    Person(PersonDigest),
    /// A guest, on their own behalf.
    Guest(GuestId),
    /// Atelier itself, for what the clock or an operator's command brings about.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Demo => f.write_str("demo"),
            Self::Key(key) => key.fmt(f),
            Self::Person(person) => person.fmt(f),
            Self::Guest(guest) => guest.fmt(f),
            Self::System => f.write_str("system"),
        }
    }
}

/// A person as the journal knows them: a digest, for what an identity provider calls somebody may be a mail address.
/// Written `person_` and 32 hexadecimal digits, the first half of the SHA-256 of issuer, line feed and subject.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PersonDigest(String);

impl PersonDigest {
    /// The person whom this issuer calls so.
    pub fn of(issuer: &str, subject: &str) -> Self {
        let digest = format!("{:x}", Sha256::digest(format!("{issuer}\n{subject}")));
        Self(digest.chars().take(32).collect())
    }
}

impl fmt::Display for PersonDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "person_{}", self.0)
    }
}
