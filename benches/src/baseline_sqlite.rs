//! What is written by hand for SQLite: a loop that commits one registration at a time.

use std::{
    str::FromStr,
    time::{Duration, Instant},
};

use sea_orm::sqlx::{
    Connection, SqliteConnection, query,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use uuid::Uuid;

use crate::{ground::Ground, load::Measured, rush::Stage, seed};

const SEAT: &str = "
    UPDATE workshops SET seats_taken = seats_taken + 1
    WHERE id = ? AND stage = 1 AND (capacity IS NULL OR seats_taken < capacity)
      AND EXISTS (SELECT 1 FROM guests WHERE id = ?)
      AND EXISTS (SELECT 1 FROM workshop_centers WHERE workshop_id = workshops.id AND center_id = ?)";

const TRACK: &str = "UPDATE tracks SET seats_taken = seats_taken + 1
    WHERE id = ? AND workshop_id = ? AND (capacity IS NULL OR seats_taken < capacity)";

const REGISTER: &str = "
    INSERT INTO registrations (id, workshop_id, track_id, guest_id, center_id, status, from_waitlist, registered_at)
    VALUES (?, ?, ?, ?, ?, 0, false, ?)";

const TELL: &str = "
    INSERT INTO journal (id, workshop_id, registration_id, kind, status_after, actor, at, center_id, guest_id)
    VALUES (?, ?, ?, 0, 0, 'by hand', ?, ?, ?)";

/// Registers for some time, pair after pair; as durable as Atelier.
pub(crate) async fn spread(ground: &Ground, stage: &Stage, from: u32, seconds: u32) -> Measured {
    let options = SqliteConnectOptions::from_str(&ground.url).expect("a URL");
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full).foreign_keys(true);
    let mut connection =
        SqliteConnection::connect_with(&options.busy_timeout(Duration::from_secs(10))).await.expect("one");
    let center = seed::center(ground.size.centers()).uuid();
    let (begun, mut took) = (Instant::now(), Vec::new());
    for pair in from.. {
        let each = Instant::now();
        let (guest, workshop, track) = stage.pair(pair);
        let (guest, workshop) = (seed::guest(guest).uuid(), seed::workshop(workshop).uuid());
        let (id, now) = (Uuid::now_v7(), seed::now());
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.expect("begun");
        let seat = query(SEAT).bind(workshop).bind(guest).bind(center).execute(&mut *tx).await.expect("counted");
        let seated = query(TRACK).bind(track).bind(workshop).execute(&mut *tx).await.expect("counted");
        assert_eq!((seat.rows_affected(), seated.rows_affected()), (1, 1), "there is a seat");
        let registration = query(REGISTER).bind(id).bind(workshop).bind(track).bind(guest).bind(center).bind(now);
        registration.execute(&mut *tx).await.expect("registered");
        let entry = query(TELL).bind(Uuid::now_v7()).bind(workshop).bind(id).bind(now).bind(center).bind(guest);
        entry.execute(&mut *tx).await.expect("told");
        tx.commit().await.expect("committed");
        took.push(each.elapsed().as_secs_f64() * 1e3);
        if begun.elapsed() >= Duration::from_secs(seconds.into()) {
            break;
        }
    }
    let rate = f64::from(u32::try_from(took.len()).expect("some")) / begun.elapsed().as_secs_f64();
    took.sort_by(f64::total_cmp);
    let within = |percent: usize| took.get(took.len() * percent / 100).copied().unwrap_or_default();
    Measured { rate, p50: within(50), p99: within(99), cpu: 0.0 }
}
