use axum::extract::ws::{CloseFrame, Message};
use tungstenite::{Error, error::ProtocolError};

use crate::authentication::AuthError;

/// Why the server closes a WebSocket. Codes from 4400 are defined by the protocol, lower ones by WebSocket.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Close {
    /// The server is stopping.
    GoingAway,
    /// A frame violates the protocol of WebSocket.
    ProtocolError,
    /// A text is not UTF-8.
    InvalidText,
    /// A message is too long.
    TooBig,
    /// A message is malformed.
    BadRequest,
    /// An operation was sent before the connection was acknowledged.
    Unauthorized,
    /// The credential is invalid, expired or revoked.
    Forbidden,
    /// The credential cannot be checked now.
    Unavailable,
    /// The caller or the server has too many WebSockets.
    TooMany,
    /// The client did not send `connection_init` in time.
    InitTimeout,
    /// The id of an operation belongs to a running one.
    OperationExists(String),
    /// The client sent `connection_init` twice.
    InitTwice,
    /// The client did not accept a message in time.
    TooSlow,
    /// A message took too long to arrive.
    SlowMessage,
    /// The client sent too many messages that cost nothing, such as pings.
    TooManyMessages,
    /// The client did not answer a ping.
    Silent,
    /// No operation has run for a while.
    Idle,
}

impl From<AuthError> for Close {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::MissingCredential => Self::Unauthorized,
            AuthError::InvalidCredential | AuthError::RateLimited(_) | AuthError::NoRole => Self::Forbidden,
            AuthError::Fault(_) => Self::Unavailable,
        }
    }
}

impl Close {
    /// Why a message could not be received. `None`: the connection is lost, and no close frame arrives.
    pub(super) fn of_unreadable_message(error: axum::Error) -> Option<Self> {
        match *error.into_inner().downcast::<Error>().ok()? {
            Error::Capacity(_) => Some(Self::TooBig),
            Error::Utf8(_) => Some(Self::InvalidText),
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
            Error::Protocol(_) => Some(Self::ProtocolError),
            _ => None,
        }
    }
}

impl From<Close> for Message {
    fn from(close: Close) -> Self {
        let (code, reason) = match close {
            // Clients reconnect after this code when they have an operation to run.
            Close::Idle => (1000, "No operation has run for a while".to_owned()),
            Close::GoingAway => (1001, "Going away".to_owned()),
            Close::ProtocolError => (1002, "Protocol error".to_owned()),
            Close::InvalidText => (1007, "A text message is not UTF-8".to_owned()),
            Close::TooBig => (1009, "Message too big".to_owned()),
            Close::BadRequest => (4400, "Invalid message".to_owned()),
            Close::Unauthorized => (4401, "Unauthorized".to_owned()),
            Close::Forbidden => (4403, "Forbidden".to_owned()),
            Close::InitTimeout => (4408, "Connection initialisation timeout".to_owned()),
            // A reason has at most 123 bytes.
            Close::OperationExists(id) => {
                (4409, format!("Subscriber for {} already exists", id.chars().take(20).collect::<String>()))
            }
            Close::InitTwice => (4429, "Too many initialisation requests".to_owned()),
            // "Try again later": clients reconnect after this code, but not after most others below 4000.
            Close::Unavailable => (1013, "The credential cannot be checked now".to_owned()),
            Close::TooMany => (1013, "The limit of open WebSockets is reached".to_owned()),
            Close::TooSlow => (1013, "Messages were not accepted in time".to_owned()),
            Close::TooManyMessages => (4429, "Too many messages without an operation".to_owned()),
            Close::SlowMessage => (1013, "A message did not arrive in time".to_owned()),
            Close::Silent => (1013, "A ping was not answered in time".to_owned()),
        };
        Self::Close(Some(CloseFrame { code, reason: reason.into() }))
    }
}
