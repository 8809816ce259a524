//! Subscriptions.

mod changes;
mod clients;
mod multiple_servers;
mod seats;
mod server_sent_events;
mod statement_count;

use persistence::FollowerCounts;
use serde_json::{Value, json};
use tests::{TestApp, in_time};

const SEATS: &str = "subscription ($id: ID!) { workshopSeats(workshopId: $id) {
    capacity seatsTaken seatsAvailable waitlistLength registrationState } }";
const CHANGES: &str = "subscription ($after: String, $filter: ChangeFilter) {
    changes(after: $after, filter: $filter) { id cursor kind } }";

/// The ids of the journal's entries, once there are so many.
async fn journal(app: &TestApp, entries: usize) -> Vec<Value> {
    in_time(async {
        loop {
            let changes = app.query("{ changes(first: 100) { nodes { id } } }").await;
            let nodes = changes["nodes"].as_array().unwrap();
            if nodes.len() >= entries {
                return nodes.iter().map(|node| node["id"].clone()).collect();
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

/// Waits until the server has exactly these followers. It notices disconnected ones some time later.
pub(crate) async fn wait_for_followers(app: &TestApp, workshops: usize, readers: usize) {
    in_time(async {
        while app.store.follower_counts().await.unwrap()
            != (FollowerCounts { watched_workshops: workshops, journal_followers: readers })
        {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// A payload of `subscribe`.
fn operation(query: &str, variables: &Value) -> Value {
    json!({ "query": query, "variables": variables })
}
