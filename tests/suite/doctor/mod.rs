//! The doctor finds nothing in rows that the rules wrote, and finds every planted corruption.

mod repair;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::{JournalEntryId, RegistrationId, SessionId, Stage, WorkshopId};
use macro_rules_attribute::apply;
use serde_json::json;
use tests::{Backend, TestApp, Workshop, a_workshop, on_each_database};
use uuid::Uuid;

/// All findings, as the operator reads them.
async fn findings(app: &TestApp) -> BTreeSet<String> {
    app.store.examine().await.unwrap().iter().map(ToString::to_string).collect()
}

/// Runs a statement past the store and past the constraints that would reject it.
async fn plant(app: &TestApp, sql: &str) {
    let off = match app.backend() {
        Backend::Sqlite => "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF",
        Backend::Postgres => {
            "SET session_replication_role = replica; \
             ALTER TABLE workshops DROP CONSTRAINT IF EXISTS workshops_never_oversold; \
             ALTER TABLE tracks DROP CONSTRAINT IF EXISTS tracks_never_oversold; \
             ALTER TABLE registrations DROP CONSTRAINT IF EXISTS registrations_place_in_line"
        }
    };
    let indexes = "DROP INDEX IF EXISTS registrations_line; DROP INDEX IF EXISTS registrations_one_live_per_guest";
    app.database.execute(&format!("{off}; {indexes}; {sql}")).await.unwrap();
}

/// Plants one corruption after the other in a consistent database; each one adds exactly its own finding.
async fn each_is_found(app: &TestApp, corruptions: impl IntoIterator<Item = (String, String)>) {
    let mut before = findings(app).await;
    assert_eq!(before, BTreeSet::new());
    for (sql, expected) in corruptions {
        plant(app, &sql).await;
        let after = findings(app).await;
        assert_eq!(after.difference(&before).collect::<Vec<_>>(), [&expected], "{sql}");
        assert!(after.is_superset(&before), "{sql}");
        before = after;
    }
}

/// Registers guests: the first ones for seats, the others for the waitlist. Returns the ids of their registrations.
async fn register_guests(app: &TestApp, workshop: &Workshop, seated: &[&str], waiting: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for guest in seated {
        ids.push(app.register(workshop, guest).await.registration()["id"].as_str().unwrap().to_owned());
    }
    for guest in waiting {
        ids.push(app.waitlist(workshop, guest).await.registration()["id"].as_str().unwrap().to_owned());
    }
    ids
}

/// An id as an SQL literal.
fn sql(app: &TestApp, id: Uuid) -> String {
    match app.backend() {
        Backend::Sqlite => format!("X'{}'", id.simple()),
        Backend::Postgres => format!("'{id}'"),
    }
}

fn reg(app: &TestApp, id: &str) -> String {
    sql(app, id.parse::<RegistrationId>().unwrap().uuid())
}

fn wks(app: &TestApp, workshop: &Workshop) -> String {
    sql(app, workshop.id.parse::<WorkshopId>().unwrap().uuid())
}

/// The statement that inserts a journal entry of a registration.
fn entry(app: &TestApp, id: JournalEntryId, of: &str, kind: i16, before: i16, after: i16) -> String {
    format!(
        "INSERT INTO journal (id, workshop_id, registration_id, kind, status_before, status_after, actor, at, \
         center_id, guest_id) \
         SELECT {}, workshop_id, id, {kind}, {before}, {after}, 'system', registered_at, center_id, guest_id \
         FROM registrations \
         WHERE id = {}",
        sql(app, id.uuid()),
        reg(app, of)
    )
}

fn new_entry() -> JournalEntryId {
    JournalEntryId::from_uuid(Uuid::now_v7())
}

#[apply(on_each_database)]
async fn the_doctor_finds_nothing_in_rows_that_the_rules_wrote(app: TestApp) {
    assert_eq!(findings(&app).await, BTreeSet::new());
    let days = [7, 8, 9].map(TimeDelta::days);
    let workshop = app.given(a_workshop().capacity(2).track(1).waitlist_limit(3).sessions(days)).await;
    let ids = register_guests(&app, &workshop, &["ann", "bob"], &["cem", "dan"]).await;
    assert_eq!(app.register(&workshop, "eve").await.problem().0, "CapacityExceeded");
    let unlimited = app.given(a_workshop().capacity(None)).await;
    register_guests(&app, &unlimited, &["ann", "bob", "cem"], &[]).await;
    app.given(a_workshop().stage(Stage::Cancelled)).await;
    app.given(a_workshop().stage(Stage::Draft).sessions(days)).await;
    assert_eq!(findings(&app).await, BTreeSet::new());

    // Written by hand as the rules would write it: a check-in, a cancellation on the waitlist, a cancelled session and a
    // lower limit.
    let changes = [
        format!("UPDATE registrations SET status = 3, checked_in_at = registered_at WHERE id = {}", reg(&app, &ids[0])),
        entry(&app, new_entry(), &ids[0], 3, 0, 3),
        format!(
            "UPDATE registrations SET status = 1, waitlist_number = NULL, cancelled_at = registered_at WHERE id = {}",
            reg(&app, &ids[3])
        ),
        entry(&app, new_entry(), &ids[3], 5, 4, 1),
        format!("UPDATE workshops SET waitlist_length = 1, waitlist_limit = 0 WHERE id = {}", wks(&app, &workshop)),
        "UPDATE sessions SET cancelled_at = starts_at WHERE starts_at = '2027-03-09T12:00:00+00:00'".to_owned(),
    ];
    app.database.execute(&changes.join(";")).await.unwrap();
    assert_eq!(app.database.number("SELECT COUNT(*) FROM sessions WHERE cancelled_at IS NOT NULL").await, 2);
    assert_eq!(findings(&app).await, BTreeSet::new());
}

#[apply(on_each_database)]
async fn the_doctor_finds_wrong_counters_and_exceeded_capacities(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(3)).await;
    register_guests(&app, &workshop, &["ann", "bob", "cem"], &["dan"]).await;
    let (id, track) = (&workshop.id, workshop.tracks[0]);
    let corruptions = [
        ("UPDATE workshops SET seats_taken = 2", format!("{id}: seats_taken is 2, but its registrations give 3")),
        (
            "UPDATE workshops SET waitlist_length = 4",
            format!("{id}: waitlist_length is 4, but its registrations give 1"),
        ),
        (
            "UPDATE workshops SET next_waitlist_number = 1",
            format!("{id}: next_waitlist_number is 1, but its registrations give 2"),
        ),
        ("UPDATE tracks SET seats_taken = 9", format!("trk_{track}: seats_taken is 9, but its registrations give 3")),
        ("UPDATE workshops SET capacity = 2", format!("{id}: its capacity is 2, but its registrations take 3 seats")),
        (
            "UPDATE tracks SET capacity = 1",
            format!("trk_{track}: its capacity is 1, but its registrations take 3 seats"),
        ),
    ];
    each_is_found(&app, corruptions.map(|(sql, line)| (sql.to_owned(), line))).await;
}

#[apply(on_each_database)]
async fn the_doctor_finds_registrations_that_no_rule_allows(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let ids = register_guests(&app, &workshop, &["ann"], &["bob", "cem", "dan"]).await;
    let [ann, bob, cem, dan] = &ids[..] else { panic!("{ids:?}") };
    let elsewhere = app.given(a_workshop()).await;
    let eve = register_guests(&app, &elsewhere, &["eve"], &[]).await.remove(0);
    let (id, foreign, guest) = (&workshop.id, elsewhere.tracks[0], app.guest("ann").await);
    let set = |what: &str, of: &str| format!("UPDATE registrations SET {what} WHERE id = {}", reg(&app, of));
    let anns = "guest_id = (SELECT id FROM guests WHERE external_id = 'ann')";
    let corruptions = [
        (set("waitlist_number = NULL", bob), format!("{bob}: its status is Waitlisted, but it has no waitlist number")),
        (set("waitlist_number = 1", ann), format!("{ann}: its status is Registered, but it has waitlist number 1")),
        (set("waitlist_number = 3", cem), format!("{dan}: it has waitlist number 3 at {id}, and so does {cem}")),
        (
            // The journal is changed in the same way.
            format!("{}; UPDATE journal SET {anns} WHERE registration_id = {}", set(anns, dan), reg(&app, dan)),
            format!("{dan}: it is a live registration of {guest} at {id}, and so is {ann}"),
        ),
        (
            set(&format!("track_id = {foreign}"), cem),
            format!("{cem}: its track trk_{foreign} does not belong to its workshop {id}"),
        ),
        (
            format!("UPDATE workshops SET stage = 2 WHERE id = {}", wks(&app, &elsewhere)),
            format!("{eve}: its status is Registered, but its workshop {} is cancelled", elsewhere.id),
        ),
    ];
    each_is_found(&app, corruptions).await;
}

#[apply(on_each_database)]
async fn the_doctor_finds_schedules_that_contradict_the_sessions(app: TestApp) {
    let workshop = app.given(a_workshop().sessions([7, 8, 9].map(TimeDelta::days))).await;
    let elsewhere = app.given(a_workshop()).await;
    let (id, track, foreign) = (&workshop.id, workshop.tracks[0], elsewhere.tracks[0]);
    let session = SessionId::from_uuid(Uuid::now_v7());
    let other = "2027-01-02T00:00:00+00:00";
    let corruptions = [
        (
            format!("UPDATE workshops SET starts_at = '{other}' WHERE id = {}", wks(&app, &workshop)),
            format!("{id}: starts_at is 2027-01-02 00:00:00 UTC, but its sessions give 2027-03-08 12:00:00 UTC"),
        ),
        (
            format!("UPDATE workshops SET ends_at = '{other}' WHERE id = {}", wks(&app, &elsewhere)),
            format!("{}: ends_at is 2027-01-02 00:00:00 UTC, but its sessions give nothing", elsewhere.id),
        ),
        (
            format!("UPDATE tracks SET starts_at = NULL WHERE id = {track}"),
            format!("trk_{track}: starts_at is nothing, but its sessions give 2027-03-08 12:00:00 UTC"),
        ),
        (
            format!("UPDATE tracks SET ends_at = '{other}' WHERE id = {track}"),
            format!("trk_{track}: ends_at is 2027-01-02 00:00:00 UTC, but its sessions give 2027-03-10 13:00:00 UTC"),
        ),
        (
            format!(
                "UPDATE sessions SET id = {}, track_id = {foreign} WHERE starts_at = '2027-03-09T12:00:00+00:00'",
                sql(&app, session.uuid())
            ),
            format!("{session}: its track trk_{foreign} does not belong to its workshop {id}"),
        ),
    ];
    each_is_found(&app, corruptions).await;
}

#[apply(on_each_database)]
async fn the_doctor_finds_registrations_that_contradict_the_journal(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let ids = register_guests(&app, &workshop, &["ann", "bob", "cem", "dan", "eve"], &[]).await;
    let [ann, bob, cem, dan, eve] = &ids[..] else { panic!("{ids:?}") };
    let elsewhere = app.given(a_workshop()).await;
    let (id, unknown) = (&workshop.id, RegistrationId::from_uuid(Uuid::now_v7()));
    let entries: Vec<_> = (0..5).map(|_| new_entry()).collect();
    let [first, strange, gap, stray, moved] = &entries[..] else { panic!("{entries:?}") };
    let of = |registration: &str| format!("WHERE registration_id = {}", reg(&app, registration));
    let uuid = |id: &JournalEntryId| sql(&app, id.uuid());
    let corruptions = [
        (format!("DELETE FROM journal {}", of(ann)), format!("{ann}: the journal has no entry for it")),
        (
            format!("UPDATE journal SET status_after = 3 {}", of(bob)),
            format!("{bob}: its status is Registered, but its last journal entry says SignedIn"),
        ),
        (
            format!("UPDATE journal SET status_before = 4, id = {} {}", uuid(first), of(cem)),
            format!("{first}: it starts at Waitlisted, but the previous entry of {cem} ends at nothing"),
        ),
        (
            format!("UPDATE journal SET id = {}, guest_id = center_id {}", uuid(strange), of(dan)),
            format!("{strange}: its guest or its center differs from that of {dan}"),
        ),
        (
            entry(&app, *gap, dan, 2, 4, 0),
            format!("{gap}: it starts at Waitlisted, but the previous entry of {dan} ends at Registered"),
        ),
        (
            format!(
                "INSERT INTO journal (id, workshop_id, registration_id, kind, status_after, actor, at, \
                 center_id, guest_id) SELECT {}, workshop_id, {}, kind, status_after, actor, at, center_id, guest_id \
                 FROM journal {}",
                uuid(stray),
                sql(&app, unknown.uuid()),
                of(eve)
            ),
            format!("{stray}: it names {unknown} at {id}, but that registration does not exist"),
        ),
        (
            format!("UPDATE journal SET id = {}, workshop_id = {} {}", uuid(moved), wks(&app, &elsewhere), of(eve)),
            format!("{moved}: it names {eve} at {}, but that registration belongs to {id}", elsewhere.id),
        ),
    ];
    let found_before = corruptions.len();
    let early = (
        format!("UPDATE journal SET position = 1 WHERE id = {}", uuid(gap)),
        format!("{gap}: its position is before that of an earlier entry of {id}"),
    );
    // On SQLite the position is computed.
    let planted = found_before + usize::from(app.backend() == Backend::Postgres);
    each_is_found(&app, corruptions.into_iter().chain([early]).take(planted)).await;
}

#[apply(on_each_database)]
async fn the_doctor_finds_missing_columns_centers_and_tracks(app: TestApp) {
    let workshop = app.given(a_workshop().sessions([TimeDelta::days(7)])).await;
    let [ann, bob] = &register_guests(&app, &workshop, &["ann", "bob"], &[]).await[..] else { panic!() };
    let cem = app.register(&workshop, "cem").await.registration().clone();
    app.on(&cem, "checkInGuest", "").await.registration();
    app.cancel(&json!({ "id": bob })).await.field();
    let cem = cem["id"].as_str().unwrap();
    let elsewhere = app.center("Elsewhere").await;
    let bare = app.given(a_workshop()).await;
    let id = &workshop.id;
    let session = app.query(&format!(r#"{{ workshop(id: "{id}") {{ sessions {{ id }} }} }}"#)).await;
    let session = session["sessions"][0]["id"].as_str().unwrap().to_owned();
    let set = |what: &str, of: &str| format!("UPDATE registrations SET {what} WHERE id = {}", reg(&app, of));
    let corruptions = [
        (set("checked_in_at = NULL", cem), format!("{cem}: its status is SignedIn, but checked_in_at is missing")),
        (set("cancelled_at = NULL", bob), format!("{bob}: its status is Cancelled, but cancelled_at is missing")),
        (set("from_waitlist = true", ann), format!("{ann}: from_waitlist and promoted_at contradict each other")),
        (
            format!("UPDATE sessions SET center_id = {}", sql(&app, elsewhere.uuid())),
            format!("{session}: it takes place at {elsewhere}, which does not run {id}"),
        ),
        (
            format!("DELETE FROM workshop_centers WHERE workshop_id = {}", wks(&app, &bare)),
            format!("{}: it is published without a center", bare.id),
        ),
        (
            format!("DELETE FROM tracks WHERE id = {}", bare.tracks[0]),
            format!("{}: it is published without a track", bare.id),
        ),
    ];
    each_is_found(&app, corruptions).await;
}
