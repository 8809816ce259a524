use std::fmt;

use sha2::{Digest, Sha256};

use crate::{ApiKeyId, GuestId};

/// The caller who made a change; each entry of the journal has one.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Actor {
    /// A caller without credentials.
    Anonymous,
    /// A visitor of `atelier demo`.
    Demo,
    /// The holder of this API key.
    Key(ApiKeyId),
    /// A user of the operator's identity provider.
    Person(PersonDigest),
    /// A guest, for their own registrations.
    Guest(GuestId),
    /// Atelier itself: scheduled changes and the operator's commands.
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

/// The pseudonym of a user in the journal. The subject of a token can be an email address, so the journal stores a digest.
///
/// The text is `person_` and 32 hexadecimal digits: the first half of the SHA-256 of issuer, line feed and subject.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PersonDigest(String);

impl PersonDigest {
    /// The pseudonym of this subject of this issuer.
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
