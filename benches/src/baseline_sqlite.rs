//! The baseline for M1 on SQLite, written by hand: a loop that commits one registration at a time.

use std::{
    str::FromStr,
    time::{Duration, Instant},
};

use sea_orm::sqlx::{
    Connection, SqliteConnection, query,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use uuid::Uuid;

use crate::{dataset::Dataset, measurement::Measurement, registration_pairs::RegistrationPairs, seed};

const TAKE_WORKSHOP_SEAT: &str = "
    UPDATE workshops SET seats_taken = seats_taken + 1
    WHERE id = ? AND stage = 1 AND (capacity IS NULL OR seats_taken < capacity)
      AND EXISTS (SELECT 1 FROM guests WHERE id = ?)
      AND EXISTS (SELECT 1 FROM workshop_centers WHERE workshop_id = workshops.id AND center_id = ?)";

const TAKE_TRACK_SEAT: &str = "UPDATE tracks SET seats_taken = seats_taken + 1
    WHERE id = ? AND workshop_id = ? AND (capacity IS NULL OR seats_taken < capacity)";

const INSERT_REGISTRATION: &str = "
    INSERT INTO registrations (id, workshop_id, track_id, guest_id, center_id, status, from_waitlist, registered_at)
    VALUES (?, ?, ?, ?, ?, 0, false, ?)";

const INSERT_JOURNAL_ENTRY: &str = "
    INSERT INTO journal (id, workshop_id, registration_id, kind, status_after, actor, at, center_id, guest_id)
    VALUES (?, ?, ?, 0, 0, 'by hand', ?, ?, ?)";

/// Registers pair after pair for some seconds, with the same durability as Atelier.
pub(crate) async fn register(dataset: &Dataset, pairs: &RegistrationPairs, from: u32, seconds: u32) -> Measurement {
    let options = SqliteConnectOptions::from_str(&dataset.url).expect("a SQLite URL");
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full).foreign_keys(true);
    let options = options.busy_timeout(Duration::from_secs(10));
    let mut connection = SqliteConnection::connect_with(&options).await.expect("a connection to the database");
    let center = seed::center(dataset.size.centers()).uuid();
    let (begun, mut latencies_ms) = (Instant::now(), Vec::new());
    for pair in from.. {
        let begun_one = Instant::now();
        let (guest, workshop, track) = pairs.pair(pair);
        let (guest, workshop) = (seed::guest(guest).uuid(), seed::workshop(workshop).uuid());
        let (id, now) = (Uuid::now_v7(), seed::now());
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.expect("BEGIN");
        let statement = query(TAKE_WORKSHOP_SEAT).bind(workshop).bind(guest).bind(center);
        let workshop_seat = statement.execute(&mut *tx).await.expect("the workshop is updated");
        let statement = query(TAKE_TRACK_SEAT).bind(track).bind(workshop);
        let track_seat = statement.execute(&mut *tx).await.expect("the track is updated");
        assert_eq!((workshop_seat.rows_affected(), track_seat.rows_affected()), (1, 1), "no seat is free");
        let statement =
            query(INSERT_REGISTRATION).bind(id).bind(workshop).bind(track).bind(guest).bind(center).bind(now);
        statement.execute(&mut *tx).await.expect("the registration is inserted");
        let entry = Uuid::now_v7();
        let statement =
            query(INSERT_JOURNAL_ENTRY).bind(entry).bind(workshop).bind(id).bind(now).bind(center).bind(guest);
        statement.execute(&mut *tx).await.expect("the journal entry is inserted");
        tx.commit().await.expect("COMMIT");
        latencies_ms.push(begun_one.elapsed().as_secs_f64() * 1e3);
        if begun.elapsed() >= Duration::from_secs(seconds.into()) {
            break;
        }
    }
    let count = u32::try_from(latencies_ms.len()).expect("fewer than 2^32 registrations");
    Measurement::from_latencies(f64::from(count) / begun.elapsed().as_secs_f64(), latencies_ms, 0.0)
}
