use futures_util::{SinkExt, StreamExt};
use proptest::prelude::*;
use serde_json::{Value, json};
use tests::{Socket, in_time};
use tokio_tungstenite::tungstenite::Message;

use super::{changes, ensure_no_fault, fuzz, mutated};

/// The codes with which a server closes a connection because of a client's message.
const KNOWN: [u16; 9] = [1002, 1003, 1007, 1009, 4400, 4401, 4403, 4409, 4429];

fn message() -> impl Strategy<Value = Message> {
    let right = prop::sample::select(vec![
        json!({ "type": "connection_init", "payload": { "authorization": "x" } }).to_string(),
        json!({ "type": "ping", "payload": {} }).to_string(),
        json!({ "type": "pong" }).to_string(),
        json!({ "type": "complete", "id": "1" }).to_string(),
        json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ __typename }" } }).to_string(),
        json!({ "type": "subscribe", "id": "2", "payload": { "query": "subscription { changes { cursor } }" } })
            .to_string(),
    ]);
    let wrong = (right, changes())
        .prop_map(|(text, changes)| Message::text(String::from_utf8_lossy(&mutated(text, changes)).into_owned()));
    let bytes = prop::collection::vec(any::<u8>(), 0..60);
    prop_oneof![12 => wrong, 1 => any::<String>().prop_map(Message::text), 1 => bytes.prop_map(Message::binary)]
}

#[test]
fn any_websocket_message_is_answered_or_closes_with_a_known_code() {
    fuzz(&(any::<bool>(), prop::collection::vec(message(), 1..12)), async |app, (begins, messages)| {
        let mut socket = if begins { Socket::acknowledged(app).await } else { Socket::open(app).await };
        for sent in messages {
            // The server may have closed the connection; the loop below checks that.
            let _ = socket.0.send(sent).await;
        }
        let _ = socket.0.send(Message::text(r#"{"type":"ping"}"#)).await;
        let mut pongs = 0;
        // Reads until the last message is answered; a pong to an earlier ping can come first.
        loop {
            match in_time(socket.0.next()).await {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
                    match message["type"].as_str() {
                        Some("pong") => pongs += 1,
                        Some("next") => ensure_no_fault(&message["payload"])?,
                        Some("error") => ensure_no_fault(&json!({ "errors": message["payload"] }))?,
                        Some("connection_ack" | "complete") => {}
                        _ => return Err(format!("{message:#}")),
                    }
                    if pongs > 0 {
                        return Ok(());
                    }
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    let code = u16::from(frame.code);
                    return if KNOWN.contains(&code) { Ok(()) } else { Err(format!("closed with {frame:?}")) };
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                // The server closed the connection before the client had sent all messages.
                None | Some(Err(_)) => return Ok(()),
                other => return Err(format!("{other:?}")),
            }
        }
    });
}
