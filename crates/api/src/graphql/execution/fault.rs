use async_graphql::{Error, ErrorExtensions};
use persistence::StoreError;

use super::error_codes::{Code, INTERNAL_ERROR, OVERLOADED};

/// A fault as a client sees it: what to do, and never what broke.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// An error of the server. An operator must examine it.
    Internal,
    /// The server has more work than it can do. The client can retry.
    Overloaded,
    /// The database is unreachable or busy, or the server is stopping. The client can retry.
    Unavailable,
}

impl From<StoreError> for Fault {
    /// Logs the fault. It leaves the store here, so it is logged here and nowhere else.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overloaded => Self::Overloaded,
            StoreError::Stopping | StoreError::OrderingConflict => Self::Unavailable,
            error @ StoreError::Unavailable(_) => {
                tracing::warn!(?error, "the database is unreachable or busy");
                Self::Unavailable
            }
            StoreError::Held => {
                tracing::warn!("another session of the database holds the row, and did not release it in time");
                Self::Unavailable
            }
            error @ StoreError::InDoubt(_) => {
                tracing::warn!(?error, "the connection to the database was lost during a commit");
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
            Fault::Internal => (Code::InternalServerError, INTERNAL_ERROR),
            Fault::Overloaded => (Code::Overloaded, OVERLOADED),
            Fault::Unavailable => (Code::ServiceUnavailable, "The server is temporarily unavailable. Try again."),
        };
        Self::new(message).extend_with(|_, extensions| code.write_to(extensions))
    }
}

/// Returns the error for an argument that is invalid.
pub(in crate::graphql) fn bad_input(message: impl std::fmt::Display) -> Error {
    Error::new(message.to_string()).extend_with(|_, extensions| extensions.set("code", Code::BadUserInput.name()))
}

/// Logs that a row refers to a row of this type that does not exist.
pub(crate) fn dangling_reference(target: &'static str) -> Fault {
    tracing::error!(target_type = target, "a row refers to a row that does not exist");
    Fault::Internal
}
