//! New rules for sort keys and search words, which the server applies while others register guests.

use macro_rules_attribute::apply;
use migration::SEARCH_RULES;
use persistence::Options;
use serde_json::{Value, json};
use tests::{Backend, TestApp, Workshop, a_workshop, on_each_database, on_postgres};

/// More workshops than two transactions change.
const WORKSHOPS: usize = 45;
const STALE: &str = "SELECT COUNT(*) FROM workshops WHERE sort_key = 'old'";

/// Workshops, guests and a center whose keys and words follow the rules of an older server.
async fn with_old_keys(app: &TestApp) -> Vec<Workshop> {
    let center = app.center("Ärmel").await;
    let mut workshops = Vec::new();
    for number in 0..WORKSHOPS {
        workshops.push(app.given_at(center, a_workshop().title(&format!("Übung {number:02}"))).await);
    }
    app.guests(&["Ödön", "Åsa"]).await;
    for change in [
        "UPDATE workshops SET sort_key = 'old'".to_owned(),
        "UPDATE guests SET sort_key = 'old'".to_owned(),
        "UPDATE centers SET sort_key = 'old'".to_owned(),
        "DELETE FROM search_words".to_owned(),
        format!("DELETE FROM seaql_migrations WHERE version = '{SEARCH_RULES}'"),
    ] {
        assert_ne!(app.database.execute(&change).await.unwrap(), 0, "{change}");
    }
    workshops
}

async fn is_pending(app: &TestApp) -> bool {
    app.store.migrations().await.unwrap().iter().any(|migration| !migration.applied)
}

async fn found(app: &TestApp, text: &str) -> Vec<Value> {
    let query = "query ($text: String!) { workshops(first: 100, orderBy: { field: TITLE }, filter: { text: $text }) { nodes { title } } }";
    let answer = app.graphql(query, &json!({ "text": text })).await;
    answer.field()["nodes"].as_array().unwrap().clone()
}

#[apply(on_each_database)]
async fn new_rules_that_are_interrupted_continue_with_the_next_start(app: TestApp) {
    let workshops = with_old_keys(&app).await;
    // The last workshop cannot be changed, as if the server were killed at this point.
    let (create, drop) = match app.backend() {
        Backend::Sqlite => (
            "CREATE TRIGGER refuse BEFORE UPDATE OF sort_key ON workshops WHEN old.title = 'Übung 44' \
             BEGIN SELECT RAISE(ABORT, 'refused'); END",
            "DROP TRIGGER refuse",
        ),
        Backend::Postgres => (
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$; \
             CREATE TRIGGER refuse BEFORE UPDATE OF sort_key ON workshops FOR EACH ROW \
             WHEN (old.title = 'Übung 44') EXECUTE FUNCTION refuse()",
            "DROP TRIGGER refuse ON workshops",
        ),
    };
    app.database.execute(create).await.unwrap();
    assert!(app.store.migrate_up().await.is_err());
    assert_eq!(app.database.number(STALE).await, 5, "the transactions before are committed");
    assert!(is_pending(&app).await);
    app.register(&workshops[0], "ann").await.registration();
    app.database.execute(drop).await.unwrap();
    let (statements, applied) = app.statement_texts(app.store.migrate_up()).await;
    assert_eq!(applied.unwrap(), [SEARCH_RULES]);
    let updates = statements.iter().filter(|statement| statement.contains("UPDATE workshops")).count();
    assert_eq!(updates, 1, "workshops that are done are left alone");
    assert!(!is_pending(&app).await);
    assert_eq!(app.store.examine().await.unwrap(), []);
    assert_eq!(found(&app, "ubung").await.len(), WORKSHOPS);
    assert_eq!(app.store.migrate_up().await.unwrap(), [""; 0]);
}

#[apply(on_postgres)]
async fn registrations_wait_for_one_transaction_of_new_rules_at_most(app: TestApp) {
    let workshops = with_old_keys(&app).await;
    let holding = app.database.lock_workshop(&workshops[WORKSHOPS - 1]).await;
    let migrating = app
        .another_with_options(Options { lock_timeout: std::time::Duration::from_mins(1), ..Options::default() })
        .await;
    let migration = tokio::spawn(async move { migrating.store.migrate_up().await.unwrap() });
    app.database.wait_for_lock_waiters(1).await;
    // The last transaction holds five workshops. All others, and all guests, are free.
    assert_eq!(app.database.number(STALE).await, 5);
    app.register(&workshops[0], "eva").await.registration();
    app.register(&workshops[39], "fay").await.registration();
    assert_eq!(app.database.number("SELECT COUNT(*) FROM guests WHERE sort_key = 'old'").await, 0);
    holding.rollback().await;
    assert_eq!(migration.await.unwrap(), [SEARCH_RULES]);
    assert_eq!(app.store.examine().await.unwrap(), []);
}

#[apply(on_each_database)]
async fn a_repair_of_search_keys_is_many_transactions(app: TestApp) {
    with_old_keys(&app).await;
    let (statements, repaired) = app.statement_texts(app.store.repair()).await;
    assert_eq!(repaired.unwrap(), WORKSHOPS as u64 + 3);
    let updates = statements.iter().filter(|statement| statement.contains("UPDATE workshops SET sort_key")).count();
    assert_eq!(updates, 3);
    assert_eq!(app.store.examine().await.unwrap(), []);
}

#[apply(on_each_database)]
async fn rows_of_a_server_without_sort_keys_are_completed_at_a_start(app: TestApp) {
    let workshop = app.given(a_workshop().title("Übung")).await;
    app.register(&workshop, "ann").await.registration();
    app.database.execute("UPDATE workshops SET sort_key = ''").await.unwrap();
    app.database.execute("DELETE FROM search_words").await.unwrap();
    assert_eq!(app.store.migrate_up().await.unwrap(), [""; 0]);
    assert_eq!(found(&app, "ubung").await.len(), 1);
}
