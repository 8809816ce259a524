//! Broken connections to the database.

use futures_util::future::join_all;
use macro_rules_attribute::apply;
use tests::{TestApp, a_workshop, on_postgres, on_sqlite};

/// The statement that terminates connections of the app, as the restart of a proxy does.
fn terminate_connections(which: &str) -> String {
    format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND application_name = 'atelier' AND {which}"
    )
}

// SQLite has no connection to a server that could be lost.
#[apply(on_postgres)]
async fn a_batch_that_loses_its_connection_before_the_commit_is_retried(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let input = app.input(&workshop, "ann").await;
    let held = app.database.lock_workshop(&workshop).await;
    let terminating = async {
        app.database.wait_for_lock_waiters(1).await;
        app.database.execute(&terminate_connections("wait_event_type = 'Lock'")).await.unwrap();
        held.rollback().await;
    };
    let (answer, ()) = tokio::join!(app.register_with(&workshop, &input), terminating);
    assert_eq!(answer.registration()["status"], "REGISTERED");
}

// SQLite has no connection to a server that could be lost.
#[apply(on_postgres)]
async fn connections_lost_while_idle_fail_no_batch(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let input = app.input(&workshop, "ann").await;
    let other = app.database.transaction("SELECT 1").await;
    // Opens several connections and leaves them idle.
    join_all((0..6).map(|_| app.query("{ workshops { totalCount } }"))).await;
    other.run(&terminate_connections("true")).await;
    // The response is read on another connection, which can be broken. Only the row counts.
    app.register_with(&workshop, &input).await;
    assert_eq!(app.database.number("SELECT COUNT(*) FROM registrations").await, 1);
    other.rollback().await;
}

// PostgreSQL ends no transaction by itself, unless the connection ends with it.
#[apply(on_sqlite)]
async fn an_automatic_sqlite_rollback_does_not_affect_later_commands(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    app.guest("cem").await;
    // Simulates a full disk: SQLite ends the transaction and rejects the ROLLBACK.
    app.database
        .execute(
            "CREATE TRIGGER planted BEFORE INSERT ON registrations
             WHEN NEW.guest_id = (SELECT id FROM guests WHERE external_id = 'cem')
             BEGIN SELECT RAISE(ROLLBACK, 'planted'); END",
        )
        .await
        .unwrap();
    assert_eq!(app.register(&workshop, "cem").await.error_code(), "INTERNAL_SERVER_ERROR");
    let taken =
        r#"mutation { createGuest(input: { givenName: "A", familyName: "B", externalId: "cem" }) { __typename } }"#;
    assert_eq!(app.query(taken).await["__typename"], "ExternalIdTaken");
    assert_eq!(app.register(&workshop, "ann").await.registration()["status"], "REGISTERED");
    assert_eq!(app.database.number("SELECT COUNT(*) FROM registrations").await, 1);
}
