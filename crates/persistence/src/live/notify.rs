//! What the other servers on the same PostgreSQL are told, and how it reads.
//!
//! It is said outside of the transaction that wrote: a `NOTIFY` inside would make all commits of the database wait for
//! each other. A server that dies in between leaves the others to their clocks.

use std::{fmt::Write, sync::Arc};

use domain::WorkshopId;
use sea_orm::{DatabaseConnection, sqlx};
use uuid::Uuid;

use super::signal::{DirtySet, Signal};
use crate::database::redacted_error::RedactedDriverError;

pub(super) const CHANNEL: &str = "atelier";

/// Tells the others, one word at a time: what is touched meanwhile is in the next one.
pub(super) async fn announce(db: DatabaseConnection, signal: Arc<Signal>, origin: String) {
    loop {
        signal.raised().await;
        say(&db, &signal.take(), &origin).await;
    }
}

pub(super) async fn say(db: &DatabaseConnection, touched: &DirtySet, origin: &str) {
    if touched.is_nothing() {
        return;
    }
    // What is said is lost with the server anyway: nobody has to wait until a disk knows of it. One request, and so one
    // transaction. There is no quote in what is written.
    let say =
        format!("SET LOCAL synchronous_commit = off; SELECT pg_notify('{CHANNEL}', '{}')", write(touched, origin));
    if let Err(error) = sqlx::raw_sql(sqlx::AssertSqlSafe(say)).execute(db.get_postgres_connection_pool()).await {
        tracing::debug!(error = %RedactedDriverError(&error), "the other servers were not told; they will see by themselves");
    }
}

/// Who says it, and the workshops; without any: everything.
fn write(touched: &DirtySet, origin: &str) -> String {
    let mut text = origin.to_owned();
    if !touched.everything {
        for workshop in &touched.workshops {
            // Writing to a text does not fail.
            let _ = write!(text, " {}", workshop.uuid().simple());
        }
    }
    text
}

/// What somebody else said; `None`: we did. Whatever cannot be read is everything.
pub(super) fn read(text: &str, origin: &str) -> Option<DirtySet> {
    let mut words = text.split(' ');
    if words.next() == Some(origin) {
        return None;
    }
    let workshops = words.map(|word| Uuid::try_parse(word).map(WorkshopId::from_uuid));
    let workshops = workshops.collect::<Result<std::collections::BTreeSet<_>, _>>().unwrap_or_default();
    Some(DirtySet { everything: workshops.is_empty(), workshops })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touched(workshops: u128) -> DirtySet {
        let workshops = (0..workshops).map(|number| WorkshopId::from_uuid(Uuid::from_u128(number))).collect();
        DirtySet { workshops, everything: false }
    }

    #[test]
    fn what_is_said_is_what_is_heard() {
        let everything = DirtySet { everything: true, ..DirtySet::default() };
        assert_eq!(read(&write(&touched(2), "a"), "b"), Some(touched(2)));
        assert_eq!(read(&write(&everything, "a"), "b"), Some(DirtySet { everything: true, ..DirtySet::default() }));
        assert_eq!(read(&write(&touched(2), "a"), "a"), None);
        assert_eq!(read("", "a"), Some(everything));
        assert!(read("b nonsense", "a").unwrap().everything);
    }

    #[test]
    fn the_longest_word_fits_into_a_notification() {
        assert!(write(&touched(200), &Uuid::nil().simple().to_string()).len() < 8000);
    }
}
