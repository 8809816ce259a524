use std::fmt;

/// Who asked for a change; the journal keeps it with every entry.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Actor {
    /// Whoever can reach a server that does not ask who is calling.
    Anonymous,
    /// A visitor of `atelier demo`.
    Demo,
    /// Atelier itself, for what the clock or an operator's command brings about.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anonymous => "anonymous",
            Self::Demo => "demo",
            Self::System => "system",
        })
    }
}
