//! Notifications to the other servers on the same PostgreSQL, and their text.
//!
//! They are sent outside the transaction that wrote: a `NOTIFY` inside would make all commits of the database wait for each
//! other. If a server dies in between, the timers of the other servers detect the change.

use std::{collections::BTreeSet, fmt::Write, sync::Arc};

use domain::WorkshopId;
use sea_orm::{DatabaseConnection, sqlx};
use uuid::Uuid;

use super::signal::{DirtySet, Signal};
use crate::database::redacted_error::RedactedDriverError;

pub(super) const CHANNEL: &str = "atelier";

/// Sends one notification at a time. Changes meanwhile go into the next one.
pub(super) async fn run(db: DatabaseConnection, signal: Arc<Signal>, origin: String) {
    loop {
        signal.notified().await;
        send(&db, &signal.take(), &origin).await;
    }
}

pub(super) async fn send(db: &DatabaseConnection, dirty: &DirtySet, origin: &str) {
    if dirty.is_empty() {
        return;
    }
    // A notification does not outlive the server, so the commit need not wait for the disk. One request is one transaction.
    // The text contains no quotes.
    let notify =
        format!("SET LOCAL synchronous_commit = off; SELECT pg_notify('{CHANNEL}', '{}')", encode(dirty, origin));
    if let Err(error) = sqlx::raw_sql(sqlx::AssertSqlSafe(notify)).execute(db.get_postgres_connection_pool()).await {
        let error = RedactedDriverError(&error);
        tracing::debug!(%error, "the other servers were not notified; their timers will detect the change");
    }
}

/// The origin and the workshops. No workshops mean everything.
fn encode(dirty: &DirtySet, origin: &str) -> String {
    let mut text = origin.to_owned();
    if !dirty.everything {
        for workshop in &dirty.workshops {
            // Writing to a string does not fail.
            let _ = write!(text, " {}", workshop.uuid().simple());
        }
    }
    text
}

/// The changes in another server's notification; `None`: it is our own. An unreadable text means everything.
pub(super) fn decode(text: &str, origin: &str) -> Option<DirtySet> {
    let mut words = text.split(' ');
    if words.next() == Some(origin) {
        return None;
    }
    let workshops = words.map(|word| Uuid::try_parse(word).map(WorkshopId::from_uuid));
    let workshops = workshops.collect::<Result<BTreeSet<_>, _>>().unwrap_or_default();
    Some(DirtySet { everything: workshops.is_empty(), workshops })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dirty(workshops: u128) -> DirtySet {
        let workshops = (0..workshops).map(|number| WorkshopId::from_uuid(Uuid::from_u128(number))).collect();
        DirtySet { workshops, everything: false }
    }

    #[test]
    fn other_servers_decode_what_a_server_encodes() {
        let everything = DirtySet { everything: true, ..DirtySet::default() };
        assert_eq!(decode(&encode(&dirty(2), "a"), "b"), Some(dirty(2)));
        assert_eq!(decode(&encode(&everything, "a"), "b"), Some(DirtySet { everything: true, ..DirtySet::default() }));
        assert_eq!(decode(&encode(&dirty(2), "a"), "a"), None);
        assert_eq!(decode("", "a"), Some(everything));
        assert!(decode("b nonsense", "a").unwrap().everything);
    }

    #[test]
    fn the_longest_text_fits_into_a_notification() {
        assert!(encode(&dirty(200), &Uuid::nil().simple().to_string()).len() < 8000);
    }
}
