//! What happens at a server while something is done to it: guests register, and somebody follows the journal.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tests::{ApiKey, Socket, TestApp, Workshop, in_time};
use tokio::time::{Instant, sleep_until};

use super::Connection;

const REGISTER: &str = "mutation ($workshopId: ID!, $input: RegisterGuestInput!) {
    registerGuest(workshopId: $workshopId, input: $input) { __typename } }";

/// So many guests.
pub(crate) async fn guests(app: &TestApp, count: usize) -> Vec<String> {
    let names: Vec<_> = (0..count).map(|number| format!("guest {number}")).collect();
    let mut guests = Vec::new();
    for names in names.chunks(1_000) {
        guests.extend(app.guests(names).await);
    }
    guests
}

/// What registers a guest, under a key of its own.
pub(crate) fn registration(workshop: &Workshop, guest: &str) -> Value {
    let (track, key) = (workshop.tracks[0], format!("{}.{guest}", workshop.id));
    let input = json!({ "trackId": track, "guestId": guest, "centerId": workshop.center, "idempotencyKey": key });
    json!({ "query": REGISTER, "variables": { "workshopId": workshop.id, "input": input } })
}

/// Waits until something is so, which is looked at again and again; answers with how long it took.
pub(crate) async fn until(mut is_so: impl AsyncFnMut() -> bool) -> Duration {
    let begun = Instant::now();
    in_time(async {
        while !is_so().await {
            sleep_until(Instant::now() + Duration::from_millis(10)).await;
        }
    })
    .await;
    begun.elapsed()
}

/// The ids of all entries of the journal, in order.
pub(crate) async fn journal(address: &str, key: &ApiKey) -> Vec<Value> {
    let query = "query ($after: String) { changes(first: 100, after: $after) {
        nodes { id } pageInfo { endCursor hasNextPage } } }";
    let mut connection = Connection::open(address).await.unwrap();
    let (mut ids, mut after) = (Vec::new(), Value::Null);
    loop {
        let reply = connection.post(key, &json!({ "query": query, "variables": { "after": after } })).await.unwrap();
        let page = reply.field();
        ids.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()));
        if page["pageInfo"]["hasNextPage"] == false {
            return ids;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Somebody who follows the journal on a WebSocket.
#[derive(Clone)]
pub(crate) struct Follower {
    key: ApiKey,
    told: Arc<Mutex<Vec<Value>>>,
    cursor: Value,
}

impl Follower {
    /// From a first registration on, which is made here.
    pub(crate) async fn new(app: &TestApp, workshop: &Workshop, key: &ApiKey) -> Self {
        app.register(workshop, "the first").await.registration();
        let first = app.query("{ changes(first: 1) { nodes { id cursor } } }").await["nodes"][0].clone();
        Self {
            key: key.clone(),
            told: Arc::new(Mutex::new(vec![first["id"].clone()])),
            cursor: first["cursor"].clone(),
        }
    }

    /// The ids of what was told so far.
    pub(crate) fn told(&self) -> Vec<Value> {
        self.told.lock().unwrap().clone()
    }

    /// Goes on where it was, until the server closes; answers with the number with which it does.
    pub(crate) async fn follow(&mut self, address: &str) -> u16 {
        let socket = Socket::open_at(address.parse().unwrap()).await;
        let mut socket = socket.init_with(&json!({ "authorization": self.key.authorization() })).await;
        let query = "subscription ($after: String) { changes(after: $after) { id cursor } }";
        socket.subscribe("1", &json!({ "query": query, "variables": { "after": self.cursor } })).await;
        loop {
            let next = match socket.receive_or_close_code().await {
                Ok(next) => next,
                Err(code) => return code,
            };
            let change = &next["payload"]["data"]["changes"];
            assert!(change["id"].is_string(), "{next:#}");
            self.cursor = change["cursor"].clone();
            self.told.lock().unwrap().push(change["id"].clone());
        }
    }
}
