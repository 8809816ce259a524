use async_graphql::{Response as Answer, ServerError};
use axum::extract::ws::{CloseFrame, Message};
use serde_json::{Value, json};

use crate::{authentication::Unknown, http::json};

/// What a client can say.
#[derive(Debug, PartialEq)]
pub(super) enum Said {
    Init { payload: Value },
    Ping,
    Pong,
    Subscribe { operation: String, request: Value },
    Complete { operation: String },
}

impl Said {
    /// `None`: nothing that the protocol knows.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut message = json::read(text.as_bytes()).ok()?;
        let operation = |message: &Value| Some(message.get("id")?.as_str().filter(|id| !id.is_empty())?.to_owned());
        match message.get("type")?.as_str()? {
            "connection_init" => {
                Some(Self::Init { payload: message.get_mut("payload").map(Value::take).unwrap_or_default() })
            }
            "ping" => Some(Self::Ping),
            "pong" => Some(Self::Pong),
            "complete" => Some(Self::Complete { operation: operation(&message)? }),
            "subscribe" => {
                Some(Self::Subscribe { operation: operation(&message)?, request: message.get_mut("payload")?.take() })
            }
            _ => None,
        }
    }
}

/// What the payload of a `connection_init` says of who is calling, under a name in letters of any size; an error: something
/// that cannot be right.
pub(super) fn authorization(payload: &Value) -> Result<Option<&str>, Close> {
    let named =
        payload.as_object().into_iter().flatten().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    match named.map(|(_, value)| value).collect::<Vec<_>>()[..] {
        [] => Ok(None),
        [value] => value.as_str().map(Some).ok_or(Close::Forbidden),
        _ => Err(Close::Forbidden),
    }
}

/// Why a server closes a socket: the protocol's own numbers from 4400 on, the WebSocket's below.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Close {
    /// The server is stopping.
    GoingAway,
    /// A message had too many bytes.
    TooBig,
    /// A message made no sense.
    BadRequest,
    /// An operation came before the connection was acknowledged.
    Unauthorized,
    /// The client is not who it says it is, or not any more.
    Forbidden,
    /// It cannot be found out now who the client is.
    Unavailable,
    /// The client never asked for the connection to be acknowledged.
    InitTimeout,
    /// An operation came under the id of one that is still running.
    OperationExists(String),
    /// The client asked twice for the connection to be acknowledged.
    InitTwice,
    /// The client did not take what was sent to it.
    TooSlow,
    /// Nothing was heard of the client, not even when it was asked.
    Silent,
    /// No operation was running for long.
    Idle,
}

impl From<Unknown> for Close {
    fn from(unknown: Unknown) -> Self {
        match unknown {
            Unknown::Silent => Self::Unauthorized,
            Unknown::Refused | Unknown::TooOften(_) | Unknown::NoRole => Self::Forbidden,
            Unknown::Fault(_) => Self::Unavailable,
        }
    }
}

impl From<Close> for Message {
    fn from(close: Close) -> Self {
        let (code, reason) = match close {
            // Clients connect again after this one if there is something that they want.
            Close::Idle => (1000, "No operation was running for long".to_owned()),
            Close::GoingAway => (1001, "Going away".to_owned()),
            Close::TooBig => (1009, "Message too big".to_owned()),
            Close::BadRequest => (4400, "Invalid message".to_owned()),
            Close::Unauthorized => (4401, "Unauthorized".to_owned()),
            Close::Forbidden => (4403, "Forbidden".to_owned()),
            Close::InitTimeout => (4408, "Connection initialisation timeout".to_owned()),
            // A reason may have 123 bytes.
            Close::OperationExists(id) => {
                (4409, format!("Subscriber for {} already exists", id.chars().take(20).collect::<String>()))
            }
            Close::InitTwice => (4429, "Too many initialisation requests".to_owned()),
            // "Try again later": clients connect again after this one, and not after most of those below 4000.
            Close::Unavailable => (1013, "It cannot be found out now who is calling".to_owned()),
            Close::TooSlow => (1013, "Messages were not taken in time".to_owned()),
            Close::Silent => (1013, "A ping was not answered in time".to_owned()),
        };
        Self::Close(Some(CloseFrame { code, reason: reason.into() }))
    }
}

pub(super) fn acknowledged() -> Message {
    text(&json!({ "type": "connection_ack" }))
}

pub(super) fn pong() -> Message {
    text(&json!({ "type": "pong" }))
}

pub(super) fn complete(operation: &str) -> Message {
    text(&json!({ "type": "complete", "id": operation }))
}

/// An answer to an operation.
pub(super) fn next(operation: &str, answer: &Answer) -> Message {
    text(&json!({ "type": "next", "id": operation, "payload": answer }))
}

/// An operation was never executed, and this is why.
pub(super) fn refused(operation: &str, errors: &[ServerError]) -> Message {
    text(&json!({ "type": "error", "id": operation, "payload": errors }))
}

fn text(message: &Value) -> Message {
    Message::Text(message.to_string().into())
}
