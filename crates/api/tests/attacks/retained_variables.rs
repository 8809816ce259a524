//! Subscriptions that make the server keep what they sent: large variables that no operation declares, large declared ones,
//! and large documents.

use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Socket, TestApp, on_sqlite};
use tokio::io::AsyncWriteExt;

use crate::{
    attacker::Attacker,
    binary::post_request,
    target::{Attackers, Target},
};

/// The operations that one WebSocket can run.
const OPERATIONS: usize = 50;
/// The event streams that each client keeps, 400 together.
const STREAMS: usize = 50;
/// Values of an undeclared variable: as many as a request can have.
const VALUES: usize = 19_900;
/// Each value. Together they are 250 KB of JSON, within the limit of a message.
const VALUE: u64 = 100_000_000_000;

/// The payload of a subscription to the seats of a workshop that carries as much as possible.
fn subscriptions(workshop: &str) -> [Value; 3] {
    let query = "subscription ($id: ID!) { workshopSeats(workshopId: $id) { seatsTaken } }";
    let undeclared = json!({ "id": workshop, "unused": vec![VALUE; VALUES] });
    let names: serde_json::Map<_, _> = (0..VALUES).map(|number| (format!("v{number}"), Value::Null)).collect();
    let mut many = Value::Object(names);
    many["id"] = workshop.into();
    let comment = format!("{query} # {}", "x".repeat(60_000));
    [
        json!({ "query": query, "variables": undeclared }),
        json!({ "query": query, "variables": many }),
        json!({ "query": comment, "variables": { "id": workshop } }),
    ]
}

/// Opens WebSockets and keeps as many subscriptions as the server accepts.
async fn subscribe_on_web_sockets(attacker: Attacker, subscriptions: Vec<Value>) {
    let mut sockets = Vec::new();
    loop {
        let mut socket = attacker.open_socket().await;
        let mut accepted = true;
        for number in 0..OPERATIONS {
            let payload = &subscriptions[number % subscriptions.len()];
            accepted = subscribe(&attacker, &mut socket, number, payload).await;
            if !accepted {
                break;
            }
        }
        if accepted {
            sockets.push(socket);
        } else {
            attacker.responses.count_disconnected();
        }
    }
}

/// Starts a subscription, and returns whether the connection is still open.
async fn subscribe(attacker: &Attacker, socket: &mut Socket, number: usize, payload: &Value) -> bool {
    let id = number.to_string();
    let subscribe = json!({ "type": "subscribe", "id": id, "payload": payload });
    if socket.try_send(&subscribe).await.is_none() {
        return false;
    }
    loop {
        let Some(message) = socket.try_receive().await else { return false };
        // Other subscriptions of the socket send events, too.
        if message["id"] != *id {
            continue;
        }
        match message["type"].as_str() {
            Some("next") => attacker.responses.count_served(),
            _ => attacker.responses.count_error(&message["payload"][0]),
        }
        return true;
    }
}

#[apply(on_sqlite)]
async fn retained_variables_of_web_sockets(app: TestApp) {
    let target = Target::start(&app).await;
    let subscriptions = subscriptions(&target.data.full_workshop);
    let served = target
        .withstand("retained variables (WebSocket)", Attackers::Anonymous, &[], |attacker| {
            subscribe_on_web_sockets(attacker, subscriptions.to_vec())
        })
        .await;
    assert!(served > 0, "a subscription is within the limits");
}

#[apply(on_sqlite)]
async fn retained_variables_of_event_streams(app: TestApp) {
    let target = Target::start(&app).await;
    let subscriptions = subscriptions(&target.data.full_workshop);
    target
        .withstand("retained variables (event streams)", Attackers::Anonymous, &[], |attacker| {
            let request = post_request(&attacker.host, None, &subscriptions[0].to_string());
            let request = request.replace("\r\ncontent-type:", "\r\naccept: text/event-stream\r\ncontent-type:");
            attacker.keep(STREAMS, move |attacker| {
                let request = request.clone();
                async move { read_events(&attacker, request.as_bytes()).await }
            })
        })
        .await;
}

/// Starts a subscription as an event stream, and reads it to its end.
async fn read_events(attacker: &Attacker, request: &[u8]) {
    let mut stream = attacker.connect().await;
    if stream.write_all(request).await.is_ok() {
        attacker.responses.count_served();
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    }
}
