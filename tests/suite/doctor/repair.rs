//! The repair corrects counters and nothing else, also while guests register.

use std::collections::BTreeSet;

use domain::{RegistrationId, WorkshopId};
use macro_rules_attribute::apply;
use persistence::{RegistrationRow, TrackRow, WorkshopRow};
use serde_json::{Value, json};
use tests::{TestApp, Workshop, a_workshop, on_each_database};

use super::{findings, plant, reg, register_guests, wks};
use crate::concurrency::{send_concurrently, servers};

/// All rows that a repair could change: workshops, tracks, registrations, and a digest of the journal.
async fn rows(
    app: &TestApp,
    workshop: &Workshop,
    registrations: &[String],
) -> (Vec<WorkshopRow>, Vec<TrackRow>, Vec<RegistrationRow>, i64) {
    let workshop: WorkshopId = workshop.id.parse().unwrap();
    let ids: Vec<RegistrationId> = registrations.iter().map(|id| id.parse().unwrap()).collect();
    let mut registrations = app.view().registrations(&ids).await.unwrap();
    registrations.sort_by_key(|row| row.id);
    (
        app.view().workshops(&[workshop]).await.unwrap(),
        app.view().tracks_of_workshops(&[workshop], 10).await.unwrap(),
        registrations,
        app.database.number("SELECT CAST(SUM(sequence * 10 + status_after) AS bigint) FROM journal").await,
    )
}

#[apply(on_each_database)]
async fn a_repair_corrects_counters_and_changes_nothing_else(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(3).track(1)).await;
    let ids = register_guests(&app, &workshop, &["ann", "bob"], &["cem"]).await;
    let untold = format!("DELETE FROM journal WHERE registration_id = {}", reg(&app, &ids[0]));
    plant(&app, &untold).await;
    let before = rows(&app, &workshop, &ids).await;

    plant(&app, "UPDATE workshops SET seats_taken = 0, waitlist_length = 7, next_waitlist_number = 1").await;
    plant(&app, "UPDATE tracks SET seats_taken = 1").await;
    assert_eq!(findings(&app).await.len(), 6);
    assert_eq!(app.store.repair().await.unwrap(), 5, "three counters of the workshop, one of each track");
    assert_eq!(rows(&app, &workshop, &ids).await, before);
    assert_eq!(findings(&app).await, BTreeSet::from([format!("{}: the journal has no entry for it", ids[0])]));
    assert_eq!(app.store.repair().await.unwrap(), 0);
}

#[apply(on_each_database)]
async fn a_repair_skips_oversold_workshops_and_continues(app: TestApp) {
    let oversold = app.given(a_workshop().capacity(3)).await;
    let ids = register_guests(&app, &oversold, &["ann", "bob", "cem"], &["dan"]).await;
    let broken = app.given(a_workshop()).await;
    register_guests(&app, &broken, &["ann", "bob"], &["cem"]).await;
    let other = app.given(a_workshop()).await;
    register_guests(&app, &other, &["ann"], &[]).await;

    let capacity =
        |workshop: &Workshop, set: &str| format!("UPDATE workshops SET {set} WHERE id = {}", wks(&app, workshop));
    plant(&app, &capacity(&oversold, "seats_taken = 1, capacity = 2, waitlist_length = 0")).await;
    // This row violates the database's own constraint, so every write to it fails.
    plant(&app, &capacity(&broken, "capacity = 1, waitlist_length = 9")).await;
    plant(&app, &capacity(&other, "seats_taken = 0")).await;
    let before = rows(&app, &broken, &ids).await;
    assert_eq!(app.store.repair().await.unwrap(), 2, "the waitlist length of one workshop and the seats of another");
    assert_eq!(rows(&app, &broken, &ids).await, before);
    let left = [
        format!("{}: seats_taken is 1, but its registrations give 3", oversold.id),
        format!("{}: its capacity is 2, but its registrations take 3 seats", oversold.id),
        format!("{}: its capacity is 1, but its registrations take 2 seats", broken.id),
        format!("{}: waitlist_length is 9, but its registrations give 1", broken.id),
    ];
    assert_eq!(findings(&app).await, BTreeSet::from(left));
}

async fn hundred_inputs(app: &TestApp, workshop: &Workshop) -> Vec<Value> {
    let names: Vec<_> = (0..100).map(|number| format!("guest {number}")).collect();
    let guests = app.guests(&names).await.into_iter().enumerate();
    guests
        .map(|(number, guest)| {
            json!({ "trackId": workshop.tracks[0], "guestId": guest, "centerId": workshop.center, "waitlist": number % 3 == 0 })
        })
        .collect()
}

#[apply(on_each_database)]
async fn the_doctor_finds_nothing_during_concurrent_registrations(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(50)).await;
    let inputs = hundred_inputs(&app, &workshop).await;
    let servers = servers(app).await;
    let doctor = servers[0].another().await;
    let registering = tokio::spawn(async move { send_concurrently(&servers, &workshop, inputs).await.len() });
    while !registering.is_finished() {
        assert_eq!(findings(&doctor).await, BTreeSet::new());
    }
    assert_eq!(registering.await.unwrap(), 100);
    assert_eq!(findings(&doctor).await, BTreeSet::new());
}

#[apply(on_each_database)]
async fn a_repair_during_concurrent_registrations_leaves_exact_counters(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(500)).await;
    register_guests(&app, &workshop, &["ann"], &["bob"]).await;
    let inputs = hundred_inputs(&app, &workshop).await;
    app.database.execute("UPDATE workshops SET seats_taken = 90, waitlist_length = 40").await.unwrap();
    app.database.execute("UPDATE tracks SET seats_taken = 70").await.unwrap();
    let servers = servers(app).await;
    let doctor = servers[0].another().await;
    let registering = tokio::spawn(async move { send_concurrently(&servers, &workshop, inputs).await.len() });
    assert_eq!(doctor.store.repair().await.unwrap(), 3);
    assert_eq!(registering.await.unwrap(), 100);
    assert_eq!(findings(&doctor).await, BTreeSet::new());
}
