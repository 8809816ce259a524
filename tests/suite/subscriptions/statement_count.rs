use futures_util::future::join_all;
use macro_rules_attribute::apply;
use serde_json::json;
use tests::{Socket, TestApp, a_workshop, on_each_database};

use super::{SEATS, operation, wait_for_followers};

/// A subscription whose fields need further rows for each change.
const WITH_TITLES: &str = "subscription { changes { kind workshop { title } registration { guest { givenName } } } }";

#[apply(on_each_database)]
async fn a_change_is_read_once_for_all_subscribers(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let (alone, _) = app.statements(app.register(&workshop, "ann")).await;
    let address = app.listen().await;
    let mut sockets = join_all((0..50).map(|_| Socket::acknowledged_at(address))).await;
    for socket in &mut sockets {
        socket.subscribe("seats", &operation(SEATS, &json!({ "id": workshop.id }))).await;
        assert_eq!(socket.expect_data("seats").await["seatsTaken"], 1);
        socket.subscribe("changes", &operation(WITH_TITLES, &json!({}))).await;
    }
    wait_for_followers(&app, 1, 50).await;
    let registering = async {
        app.register(&workshop, "bob").await.registration();
        join_all(sockets.iter_mut().map(async |socket| {
            let messages = [socket.receive().await, socket.receive().await];
            let of = |id: &str| messages.iter().find(|message| message["id"] == id).unwrap()["payload"]["data"].clone();
            assert_eq!(of("seats")["workshopSeats"]["seatsTaken"], 2);
            assert_eq!(of("changes")["changes"]["kind"], "REGISTERED");
        }))
        .await;
    };
    let (statements, ()) = app.statements(registering).await;
    // One statement for the journal, one for the workshop, and three lookups for each group of subscribers. The rest allows
    // for polling and for waiting on open transactions. One statement for each subscriber and row would be two hundred and
    // fifty.
    assert!(statements < alone + 75, "{statements} statements, and {alone} without subscribers");
}
