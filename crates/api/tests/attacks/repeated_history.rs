//! Clients that read the whole journal from its first entry, again and again, as pages and as subscriptions.

use macro_rules_attribute::apply;
use serde_json::json;
use tests::{Socket, TestApp, on_each_database};
use tokio::task::JoinSet;

use crate::{
    attacker::Attacker,
    dataset::Dataset,
    target::{Attackers, Target},
};

/// The subscriptions that each client runs at a time.
const SUBSCRIPTIONS: usize = 20;
/// The entries after which a subscription has read the journal and starts again.
const ENTRIES: usize = 300;

#[apply(on_each_database)]
async fn history_in_pages(app: TestApp) {
    let target = Target::start(&app).await;
    let after = target.data.first_cursor.clone();
    let query = "query ($after: String) { changes(first: 100, after: $after) {
        totalCount nodes { id kind actor at workshop { title } registration { status guest { familyName } } } } }";
    let served = target
        .withstand("history in pages", Attackers::WithKeys, &[], |attacker| {
            let request = attacker.post(&json!({ "query": query, "variables": { "after": after } }));
            async move { attacker.send_all(std::iter::repeat(request)).await }
        })
        .await;
    assert!(served > 0, "a page is within the limits");
}

/// Follows the journal from its first entry until its end; `None` if the connection ends.
async fn read_history(attacker: &Attacker, socket: &mut Socket, data: &Dataset) -> Option<()> {
    let query = "subscription ($after: String) { changes(after: $after) {
        id kind actor at workshop { title } registration { status guest { familyName } } } }";
    let payload = json!({ "query": query, "variables": { "after": data.first_cursor } });
    socket.try_send(&json!({ "type": "subscribe", "id": "1", "payload": payload })).await?;
    for _ in 0..ENTRIES {
        let message = socket.try_receive().await?;
        if message["type"] != "next" {
            attacker.responses.count_error(&message["payload"][0]);
            return Some(());
        }
        attacker.responses.count_served();
    }
    socket.try_send(&json!({ "type": "complete", "id": "1" })).await?;
    // The answer to the ping follows the last entry.
    socket.try_send(&json!({ "type": "ping" })).await?;
    while socket.try_receive().await? != json!({ "type": "pong" }) {}
    Some(())
}

#[apply(on_each_database)]
async fn history_in_subscriptions(app: TestApp) {
    let target = Target::start(&app).await;
    let data = target.data.clone();
    let served = target
        .withstand("history in subscriptions", Attackers::WithKeys, &[], |attacker| {
            let data = data.clone();
            async move {
                let mut subscriptions = JoinSet::new();
                for _ in 0..SUBSCRIPTIONS {
                    let (attacker, data) = (attacker.clone(), data.clone());
                    subscriptions.spawn(async move {
                        loop {
                            let mut socket = attacker.open_socket().await;
                            while read_history(&attacker, &mut socket, &data).await.is_some() {}
                            attacker.responses.count_disconnected();
                        }
                    });
                }
                subscriptions.join_all().await;
            }
        })
        .await;
    assert!(served > 0, "a follower reads the journal");
}
