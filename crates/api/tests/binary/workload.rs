//! A workload for a server under test: guests to register, and a client that follows the journal.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tests::{ApiKey, Socket, TestApp, Workshop, in_time};
use tokio::{
    net::TcpStream,
    time::{Instant, MissedTickBehavior, interval},
};

use super::Connection;

const REGISTER: &str = "mutation ($workshopId: ID!, $input: RegisterGuestInput!) {
    registerGuest(workshopId: $workshopId, input: $input) { __typename } }";

/// Creates guests and returns their ids.
pub(crate) async fn create_guests(app: &TestApp, count: usize) -> Vec<String> {
    let names: Vec<_> = (0..count).map(|number| format!("guest {number}")).collect();
    let mut guests = Vec::new();
    for names in names.chunks(1_000) {
        guests.extend(app.guests(names).await);
    }
    guests
}

/// A request that registers a guest under an idempotency key of this guest and workshop.
pub(crate) fn registration_request(workshop: &Workshop, guest: &str) -> Value {
    let (track, key) = (workshop.tracks[0], format!("{}.{guest}", workshop.id));
    let input = json!({ "trackId": track, "guestId": guest, "centerId": workshop.center, "idempotencyKey": key });
    json!({ "query": REGISTER, "variables": { "workshopId": workshop.id, "input": input } })
}

/// Polls a condition every 10 ms until it is true, and returns the time that took.
pub(crate) async fn wait_until(mut condition: impl AsyncFnMut() -> bool) -> Duration {
    let begun = Instant::now();
    let mut polls = interval(Duration::from_millis(10));
    polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
    in_time(async {
        while !condition().await {
            polls.tick().await;
        }
    })
    .await;
    begun.elapsed()
}

/// Waits until the journal has this many entries, and reads their ids in order.
pub(crate) async fn read_journal_of(address: &str, key: &ApiKey, entries: usize) -> Vec<Value> {
    let mut journal = Vec::new();
    wait_until(async || {
        journal = read_journal(address, key).await;
        journal.len() >= entries
    })
    .await;
    assert_eq!(journal.len(), entries);
    journal
}

/// Reads the ids of all entries of the journal, in order.
pub(crate) async fn read_journal(address: &str, key: &ApiKey) -> Vec<Value> {
    let query = "query ($after: String) { changes(first: 100, after: $after) {
        nodes { id } pageInfo { endCursor hasNextPage } } }";
    let mut connection = Connection::open(address).await.unwrap();
    let (mut ids, mut after) = (Vec::new(), Value::Null);
    loop {
        let response = connection.post(key, &json!({ "query": query, "variables": { "after": after } })).await.unwrap();
        let page = response.root_field();
        ids.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()));
        if page["pageInfo"]["hasNextPage"] == false {
            return ids;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// A client that follows the journal on a WebSocket, and resumes after its last cursor.
#[derive(Clone)]
pub(crate) struct JournalFollower {
    key: ApiKey,
    received: Arc<Mutex<Vec<Value>>>,
    cursor: Value,
}

impl JournalFollower {
    /// Registers a first guest, and starts after the entry of that registration.
    pub(crate) async fn new(app: &TestApp, workshop: &Workshop, key: &ApiKey) -> Self {
        app.register(workshop, "the first").await.registration();
        let mut first = Value::Null;
        // PostgreSQL delivers the entry when all transactions of the cluster that began before it have ended.
        wait_until(async || {
            first = app.query("{ changes(first: 1) { nodes { id cursor } } }").await["nodes"][0].clone();
            first.is_object()
        })
        .await;
        Self {
            key: key.clone(),
            received: Arc::new(Mutex::new(vec![first["id"].clone()])),
            cursor: first["cursor"].clone(),
        }
    }

    /// The ids of the entries that it has received.
    pub(crate) fn received(&self) -> Vec<Value> {
        self.received.lock().unwrap().clone()
    }

    /// Follows the journal until the server closes the connection, and returns the close code. `None`: the server was
    /// already stopping and acknowledged nothing.
    pub(crate) async fn follow(&mut self, address: &str) -> Option<u16> {
        let stream = TcpStream::connect(address).await.unwrap();
        let mut socket = Socket::try_open(stream, Some(&self.key.authorization())).await?;
        let query = "subscription ($after: String) { changes(after: $after) { id cursor } }";
        socket.subscribe("1", &json!({ "query": query, "variables": { "after": self.cursor } })).await;
        loop {
            let next = match socket.receive_or_close_code().await {
                Ok(next) => next,
                Err(code) => return Some(code),
            };
            let change = &next["payload"]["data"]["changes"];
            assert!(change["id"].is_string(), "{next:#}");
            self.cursor = change["cursor"].clone();
            self.received.lock().unwrap().push(change["id"].clone());
        }
    }
}
