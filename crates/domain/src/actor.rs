use std::fmt;

use crate::GuestId;

/// Who asked for a change; the journal keeps it with every entry.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Actor {
    /// Whoever can reach a server that does not ask who is calling.
    Anonymous,
    /// A visitor of `atelier demo`.
    Demo,
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
            Self::Guest(guest) => guest.fmt(f),
            Self::System => f.write_str("system"),
        }
    }
}
