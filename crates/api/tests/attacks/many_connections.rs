//! One address that opens as many connections, WebSockets and subscriptions as the server lets it.

use macro_rules_attribute::apply;
use serde_json::json;
use tests::{Socket, TestApp, on_sqlite};

use crate::{
    attacker::Attacker,
    target::{Attackers, Target},
};

/// The WebSockets that each of the eight clients opens, 208 together, with 50 subscriptions each: more than the 10,000 that a
/// server runs by default.
const SOCKETS: usize = 26;
const SUBSCRIPTIONS: usize = 50;
/// The connections of each client that send requests.
const CONNECTIONS: usize = 25;

/// Opens a WebSocket, fills it with subscriptions, and returns when the server closes it.
async fn keep_socket(attacker: &Attacker, workshop: &str) {
    let socket = attacker.open_socket().await;
    read_subscriptions(attacker, socket, workshop).await;
}

async fn read_subscriptions(attacker: &Attacker, mut socket: Socket, workshop: &str) -> Option<()> {
    let query = "subscription ($id: ID!) { workshopSeats(workshopId: $id) { seatsTaken } }";
    for number in 0..SUBSCRIPTIONS {
        let payload = json!({ "query": query, "variables": { "id": workshop } });
        socket.try_send(&json!({ "type": "subscribe", "id": number.to_string(), "payload": payload })).await?;
    }
    loop {
        let message = socket.try_receive().await?;
        if message["type"] == "next" {
            attacker.responses.count_served();
        } else {
            attacker.responses.count_error(&message["payload"][0]);
        }
    }
}

#[apply(on_sqlite)]
async fn many_subscriptions(app: TestApp) {
    let target = Target::start(&app).await;
    let workshop = target.data.full_workshop.clone();
    target
        .withstand("many subscriptions", Attackers::AtOneAddress, &[], |attacker| {
            let workshop = workshop.clone();
            attacker.keep(SOCKETS, move |attacker| {
                let workshop = workshop.clone();
                async move { keep_socket(&attacker, &workshop).await }
            })
        })
        .await;
}

#[apply(on_sqlite)]
async fn concurrent_requests(app: TestApp) {
    let target = Target::start(&app).await;
    let served = target
        .withstand("concurrent requests", Attackers::AtOneAddress, &[], |attacker| {
            let request = attacker.post(&json!({ "query": "{ workshops(first: 1) { nodes { id } } }" }));
            attacker.send_concurrently(CONNECTIONS, vec![request])
        })
        .await;
    assert!(served > 0, "one request at a time is within the limits");
}
