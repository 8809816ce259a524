use std::time::{Duration, Instant};

use futures_util::future::join_all;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Socket, TestApp, a_workshop, in_time, on_each_database, on_postgres};

use super::{CHANGES, SEATS, journal, operation, wait_for_followers};

#[apply(on_each_database)]
async fn changes_of_one_server_are_sent_by_another(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let another = app.another().await;
    let mut socket = Socket::acknowledged(&another).await;
    socket.subscribe("seats", &operation(SEATS, &json!({ "id": workshop.id }))).await;
    assert_eq!(socket.expect_data("seats").await["seatsTaken"], 0);
    app.register(&workshop, "ann").await.registration();
    assert_eq!(socket.expect_data("seats").await["seatsTaken"], 1);
    socket.subscribe("changes", &operation(CHANGES, &Value::Null)).await;
    wait_for_followers(&another, 1, 1).await;
    socket.send_json(&json!({ "type": "complete", "id": "seats" })).await;
    app.register(&workshop, "bob").await.registration();
    loop {
        let next = socket.receive().await;
        if next["id"] == "changes" {
            assert_eq!(next["payload"]["data"]["changes"]["kind"], "REGISTERED");
            break;
        }
    }
}

// SQLite has no notifications: a second server polls once a second.
#[apply(on_postgres)]
async fn another_server_is_notified_instead_of_polling(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(None)).await;
    let another = app.another().await;
    let mut socket = Socket::acknowledged(&another).await;
    socket.subscribe("1", &operation(SEATS, &json!({ "id": workshop.id }))).await;
    assert_eq!(socket.expect_data("1").await["seatsTaken"], 0);
    wait_for_listeners(&app, 1).await;
    let begun = Instant::now();
    for guest in 1..=20 {
        app.register(&workshop, &format!("guest {guest}")).await.registration();
        assert_eq!(socket.expect_data("1").await["seatsTaken"], guest);
    }
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "polling once a second takes twenty seconds: {:?}",
        begun.elapsed()
    );
}

/// Waits until so many servers listen for notifications.
async fn wait_for_listeners(app: &TestApp, servers: i64) {
    let listening = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'atelier listener' AND query LIKE 'LISTEN%'";
    in_time(async { while app.database.number(listening).await != servers {} }).await;
}

// SQLite has no notifications, and so no connection for them that could be lost.
#[apply(on_postgres)]
async fn a_server_that_loses_its_notifications_skips_no_change(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(None)).await;
    let another = app.another().await;
    let mut socket = Socket::acknowledged(&another).await;
    socket.subscribe("1", &operation(CHANGES, &Value::Null)).await;
    wait_for_followers(&another, 0, 1).await;
    for round in 0..3 {
        wait_for_listeners(&app, 1).await;
        let writing = join_all((0..10).map(|guest| format!("guest {round} {guest}")).map(async |guest| {
            app.register(&workshop, &guest).await.registration();
        }));
        let cut = app.database.number(
            "SELECT count(*) FROM (SELECT pg_terminate_backend(pid) AS cut FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'atelier listener') AS all_cut WHERE cut",
        );
        let (_, cut) = tokio::join!(writing, cut);
        assert_eq!(cut, 1);
    }
    let all = journal(&app, 30).await;
    for id in all {
        assert_eq!(socket.expect_data("1").await["id"], id);
    }
}
