use async_graphql::{Error, ErrorExtensions};
use persistence::StoreError;

use crate::graphql::Code;

/// All that a client is told of what should not have happened.
pub(crate) const MASK: &str = "Something went wrong on our side.";

/// What a client is told when there is too much to do.
pub(crate) const OVERLOAD: &str = "There are more requests than the server can answer. Try again.";

/// What a client is told of a fault: never what broke, only what to do about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// Something that should not happen; a person has to look.
    Internal,
    /// More is asked than can be done; ask again a little later.
    Overloaded,
    /// The database is out of reach or busy, or the server is stopping; ask again a little later.
    Unavailable,
}

impl From<StoreError> for Fault {
    /// The fault is logged here, where it leaves the store, and nowhere else.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overloaded => Self::Overloaded,
            StoreError::Stopping | StoreError::OrderingConflict => Self::Unavailable,
            error @ StoreError::Unavailable(_) => {
                tracing::warn!(?error, "the database is out of reach or busy");
                Self::Unavailable
            }
            error @ StoreError::InDoubt(_) => {
                tracing::warn!(?error, "the database went when it had been told to commit");
                Self::Unavailable
            }
            error => {
                tracing::error!(?error, "fault");
                Self::Internal
            }
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let (code, message) = match fault {
            Fault::Internal => (Code::InternalServerError, MASK),
            Fault::Overloaded => (Code::Overloaded, OVERLOAD),
            Fault::Unavailable => (Code::ServiceUnavailable, "The server cannot do this now. Try again."),
        };
        Self::new(message).extend_with(|_, extensions| code.tell(extensions))
    }
}

/// The sentence for a client who asked for something that cannot be.
pub(in crate::graphql) fn bad_input(message: impl std::fmt::Display) -> Error {
    Error::new(message.to_string()).extend_with(|_, extensions| extensions.set("code", Code::BadUserInput.name()))
}

/// A row that another row refers to is not there.
pub(crate) fn missing(what: &'static str) -> Fault {
    tracing::error!(what, "a row refers to nothing");
    Fault::Internal
}
