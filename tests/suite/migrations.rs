//! Migrations up and down, and the constraints that back the rules.

use macro_rules_attribute::apply;
use persistence::Options;
use tests::{Backend, Database, TestApp, a_workshop, on_each_database};

async fn up_and_down(backend: Backend) {
    let Some(database) = Database::empty(backend).await else { return };
    let store = database.open(Options::default()).await;
    let applied = async || store.migrations().await.unwrap().iter().filter(|migration| migration.applied).count();
    let all = store.migrations().await.unwrap().len();
    assert_eq!(applied().await, 0);
    for round in 0..2 {
        store.migrate_up().await.unwrap();
        assert_eq!(applied().await, all, "round {round}");
        // Each migration is reverted on its own.
        for left in (0..all).rev() {
            store.migrate_down(1).await.unwrap();
            assert_eq!(applied().await, left);
        }
    }
    let tables = match backend {
        Backend::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        Backend::Postgres => "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'public'",
    };
    assert_eq!(database.number(tables).await, 1, "only the table of migrations is left");
}

#[tokio::test]
async fn every_migration_goes_up_and_down_on_sqlite() {
    up_and_down(Backend::Sqlite).await;
}

#[tokio::test]
async fn every_migration_goes_up_and_down_on_postgres() {
    up_and_down(Backend::Postgres).await;
}

#[apply(on_each_database)]
async fn a_server_starts_on_a_database_migrated_by_a_newer_version(app: TestApp) {
    let newer = "m20991231_000001_of_a_newer_version";
    for change in [
        format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{newer}', 0)"),
        "ALTER TABLE workshops ADD COLUMN of_a_newer_version INTEGER NOT NULL DEFAULT 0".to_owned(),
    ] {
        app.database.execute(&change).await.unwrap();
    }
    let app = app.another().await;
    app.store.migrate_up().await.unwrap();
    let migrations = app.store.migrations().await.unwrap();
    assert!(migrations.iter().all(|migration| migration.applied));
    assert_eq!(migrations.last().unwrap().name, newer);
    assert!(app.store.migrate_down(1).await.is_err(), "an unknown migration cannot be reverted");
    let workshop = app.given(a_workshop()).await;
    app.register(&workshop, "ann").await.registration();
}

#[tokio::test]
async fn servers_that_start_together_migrate_once() {
    let Some(database) = Database::empty(Backend::Postgres).await else { return };
    let stores = [database.open(Options::default()).await, database.open(Options::default()).await];
    let (one, other) = tokio::join!(stores[0].migrate_up(), stores[1].migrate_up());
    one.unwrap();
    other.unwrap();
    assert!(stores[0].migrations().await.unwrap().iter().all(|migration| migration.applied));
}

#[apply(on_each_database)]
async fn database_constraints_reject_rows_that_break_the_rules(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(2).track(1)).await;
    app.register(&workshop, "ann").await.registration();
    app.waitlist(&workshop, "bob").await.registration();
    let elsewhere = app.given(a_workshop()).await;
    let copy = "INSERT INTO registrations (id, workshop_id, track_id, guest_id, center_id, status, waitlist_number, from_waitlist, \
                registered_at) SELECT";
    let (foreign_track, own_track) = (elsewhere.tracks[0], workshop.tracks[1]);
    let new_id = match app.backend() {
        Backend::Sqlite => "randomblob(16)",
        Backend::Postgres => "gen_random_uuid()",
    };
    let rest = "center_id, status, waitlist_number, from_waitlist, registered_at FROM registrations WHERE status = 0";
    for (what, sql) in [
        ("an oversold workshop", "UPDATE workshops SET seats_taken = capacity + 1".to_owned()),
        ("a capacity below the taken seats", "UPDATE workshops SET capacity = 0".to_owned()),
        ("an oversold track", format!("UPDATE tracks SET seats_taken = 2 WHERE id = {own_track}")),
        ("a negative counter", "UPDATE workshops SET seats_taken = -1".to_owned()),
        ("a negative waitlist length", "UPDATE workshops SET waitlist_length = -1".to_owned()),
        (
            "a window that ends before it begins",
            "UPDATE workshops SET registration_closes_at = registration_opens_at".to_owned(),
        ),
        ("an unknown stage", "UPDATE workshops SET stage = 9".to_owned()),
        ("an unknown status", "UPDATE registrations SET status = 5".to_owned()),
        (
            "a waitlist number without the waitlisted status",
            "UPDATE registrations SET waitlist_number = 9 WHERE status = 0".to_owned(),
        ),
        (
            "the waitlisted status without a waitlist number",
            "UPDATE registrations SET waitlist_number = NULL WHERE status = 4".to_owned(),
        ),
        ("a track of another workshop", format!("UPDATE registrations SET track_id = {foreign_track}")),
        ("a second live registration", format!("{copy} {new_id}, workshop_id, track_id, guest_id, {rest}")),
        ("an unknown guest", format!("{copy} {new_id}, workshop_id, track_id, {new_id}, {rest}")),
        ("a deleted guest with a registration", "DELETE FROM guests".to_owned()),
    ] {
        assert!(app.database.execute(&sql).await.is_err(), "the database accepted {what}");
    }
    let same_place = format!(
        "{copy} {new_id}, workshop_id, track_id, (SELECT id FROM guests WHERE external_id = 'cem'), center_id, status, \
         waitlist_number, from_waitlist, registered_at FROM registrations WHERE status = 4"
    );
    app.guest("cem").await;
    assert!(app.database.execute(&same_place).await.is_err(), "the database accepted one waitlist number twice");
    // A valid variant succeeds, which proves that the statements above fail because of the constraints:
    let cancelled = same_place.replace(
        "center_id, status, waitlist_number, from_waitlist, registered_at FROM",
        "center_id, 1, NULL, from_waitlist, registered_at FROM",
    );
    assert_eq!(app.database.execute(&cancelled).await.unwrap(), 1);
}
