//! The messages of the protocol.

use async_graphql::{Response as GraphqlResponse, ServerError};
use axum::extract::ws::Message;
use serde::Serialize;
use serde_json::{Value, json};

use super::close::Close;
use crate::http::json;

/// A message from the client.
#[derive(Debug, PartialEq)]
pub(super) enum ClientMessage {
    Init { payload: Value },
    Ping,
    Pong,
    Subscribe { operation: String, request: Value },
    Complete { operation: String },
}

impl ClientMessage {
    /// `None`: the message is not part of the protocol.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut message = json::parse(text.as_bytes()).ok()?;
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

/// The credential in the payload of a `connection_init`, under a case-insensitive name. An error: it is not a string, or
/// occurs more than once.
pub(super) fn authorization(payload: &Value) -> Result<Option<&str>, Close> {
    let members = payload.as_object().into_iter().flatten();
    let credentials = members.filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    match credentials.map(|(_, value)| value).collect::<Vec<_>>()[..] {
        [] => Ok(None),
        [value] => value.as_str().map(Some).ok_or(Close::Forbidden),
        _ => Err(Close::Forbidden),
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

/// A response to an operation.
pub(super) fn next(operation: &str, response: &GraphqlResponse) -> Message {
    text(&Next { kind: "next", id: operation, payload: response })
}

/// The errors of an operation that was not executed.
pub(super) fn error(operation: &str, errors: &[ServerError]) -> Message {
    text(&json!({ "type": "error", "id": operation, "payload": errors }))
}

/// A response is written without a copy of its values.
#[derive(Serialize)]
struct Next<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    payload: &'a GraphqlResponse,
}

fn text(message: &impl Serialize) -> Message {
    // Strings and values can always be written.
    Message::Text(serde_json::to_string(message).unwrap_or_default().into())
}
