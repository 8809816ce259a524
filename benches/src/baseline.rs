//! The baseline for Q1 and Q2, written by hand: a handler for each page, with one statement and JSON built from its rows.

use std::net::SocketAddr;

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::get,
};
use sea_orm::sqlx::{
    PgPool, Row,
    postgres::{PgPoolOptions, PgRow},
};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::report::print_line;

type Instant = chrono::DateTime<chrono::Utc>;

pub(crate) async fn serve(database_url: &str, listen: SocketAddr) {
    // As many connections as Atelier has. They are not tested before each use, because that costs a round trip.
    let options = PgPoolOptions::new().max_connections(16).test_before_acquire(false);
    let pool = options.connect(database_url).await.expect("a connection to the database");
    let router = Router::new().route("/list/{center}", get(list)).route("/detail/{workshop}", get(detail));
    let listener = TcpListener::bind(listen).await.expect("a free address");
    print_line(&format!("serving on {listen}"));
    axum::serve(listener, router.with_state(pool)).await.expect("the server runs");
}

pub(crate) const LIST: &str = "
    WITH page AS (
        SELECT w.id, w.title, w.capacity, w.seats_taken, w.waitlist_length, w.starts_at, w.ends_at
        FROM workshops w JOIN workshop_centers c ON c.workshop_id = w.id
        WHERE c.center_id = $1 AND w.stage = 1 AND (w.ends_at IS NULL OR w.ends_at > now())
          AND (w.registration_opens_at IS NULL OR w.registration_opens_at <= now())
          AND coalesce(w.registration_closes_at, w.starts_at, 'infinity') > now()
          AND (w.capacity IS NULL OR w.seats_taken < w.capacity)
        ORDER BY w.starts_at, w.id LIMIT 21
    )
    SELECT page.*, t.id AS track_id, t.name, t.capacity AS track_capacity, t.seats_taken AS track_seats_taken,
           s.id AS session_id, s.title AS session_title, s.starts_at AS session_starts_at, s.ends_at AS session_ends_at
    FROM page JOIN tracks t ON t.workshop_id = page.id
    LEFT JOIN LATERAL (
        SELECT * FROM sessions WHERE workshop_id = page.id AND cancelled_at IS NULL AND starts_at > now()
        ORDER BY starts_at, id LIMIT 1
    ) s ON true
    ORDER BY page.starts_at, page.id, t.id";

async fn list(State(pool): State<PgPool>, Path(center): Path<Uuid>) -> Json<Value> {
    let rows = sea_orm::sqlx::query(LIST).bind(center).fetch_all(&pool).await.expect("the rows of the page");
    let mut nodes: Vec<Value> = Vec::with_capacity(21);
    for row in &rows {
        let id = row.get::<Uuid, _>("id").to_string();
        if nodes.last().is_none_or(|last| last["id"] != id) {
            nodes.push(json!({
                "id": id, "title": row.get::<&str, _>("title"), "seats": seats(row, "capacity", "seats_taken"),
                "waitlistLength": row.get::<i32, _>("waitlist_length"), "startsAt": instant(row, "starts_at"),
                "endsAt": instant(row, "ends_at"), "tracks": [], "nextSession": next_session(row),
            }));
        }
        if let Some(tracks) = nodes.last_mut().and_then(|last| last["tracks"].as_array_mut()) {
            tracks.push(json!({
                "trackId": row.get::<i32, _>("track_id"), "name": row.get::<&str, _>("name"),
                "seats": seats(row, "track_capacity", "track_seats_taken"),
            }));
        }
    }
    let has_next_page = nodes.len() > 20;
    nodes.truncate(20);
    Json(json!({ "nodes": nodes, "hasNextPage": has_next_page }))
}

fn next_session(row: &PgRow) -> Option<Value> {
    let id: Uuid = row.get::<Option<_>, _>("session_id")?;
    Some(json!({
        "id": id, "title": row.get::<&str, _>("session_title"), "startsAt": instant(row, "session_starts_at"),
        "endsAt": instant(row, "session_ends_at"),
    }))
}

fn seats(row: &PgRow, capacity: &str, taken: &str) -> Value {
    let (capacity, taken): (Option<i32>, i32) = (row.get(capacity), row.get(taken));
    json!({ "capacity": capacity, "taken": taken, "available": capacity.map(|capacity| capacity - taken) })
}

fn instant(row: &PgRow, column: &str) -> Option<Instant> {
    row.get(column)
}

/// The workshop, its tracks, its sessions and its first registrations, as rows with the same columns.
pub(crate) const DETAIL: &str = "
    SELECT 0 AS kind, id, NULL::int AS track_id, title AS one, description AS two, capacity AS number, seats_taken AS other,
           starts_at AS begins, ends_at AS finishes FROM workshops WHERE id = $1
    UNION ALL
    SELECT 1, NULL, id, name, NULL, capacity, seats_taken, starts_at, ends_at FROM tracks WHERE workshop_id = $1
    UNION ALL
    SELECT 2, id, track_id, title, room, NULL, NULL, starts_at, ends_at FROM sessions WHERE workshop_id = $1
    UNION ALL
    (SELECT 3, r.id, r.track_id, g.given_name, g.family_name, r.status, NULL, r.registered_at, NULL
     FROM registrations r JOIN guests g ON g.id = r.guest_id WHERE r.workshop_id = $1
     ORDER BY r.registered_at, r.id LIMIT 51)";

async fn detail(State(pool): State<PgPool>, Path(workshop): Path<Uuid>) -> Json<Value> {
    let rows = sea_orm::sqlx::query(DETAIL).bind(workshop).fetch_all(&pool).await.expect("the rows of the page");
    let (mut page, mut tracks, mut sessions, mut registrations) = (Map::new(), Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        let object = json!({
            "id": row.get::<Option<Uuid>, _>("id"), "trackId": row.get::<Option<i32>, _>("track_id"),
            "name": row.get::<Option<&str>, _>("one"), "more": row.get::<Option<&str>, _>("two"),
            "number": row.get::<Option<i32>, _>("number"), "taken": row.get::<Option<i32>, _>("other"),
            "startsAt": instant(row, "begins"), "endsAt": instant(row, "finishes"),
        });
        match row.get::<i32, _>("kind") {
            0 => drop(page.insert("workshop".to_owned(), object)),
            1 => tracks.push(object),
            2 => sessions.push(object),
            _ => registrations.push(object),
        }
    }
    let has_next_page = registrations.len() > 50;
    registrations.truncate(50);
    page.insert("tracks".to_owned(), tracks.into());
    page.insert("sessions".to_owned(), sessions.into());
    page.insert("registrations".to_owned(), registrations.into());
    page.insert("hasNextPage".to_owned(), has_next_page.into());
    Json(page.into())
}
