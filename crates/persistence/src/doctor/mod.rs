//! Recounts what the rules keep: every counter and every invariant against the rows, one file a subject.
//!
//! A check is one statement that returns only the rows that disagree, so a large database that is well costs no memory.
//! (What SQL cannot say, the words of a text, is read some hundred rows at a time.)

mod counters;
mod finding;
mod journal;
mod registrations;
mod repair;
mod schedule;
mod search;

use domain::RegistrationStatus;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement};

pub use finding::Finding;

use crate::{Store, StoreError, database::transaction};

impl Store {
    /// All that disagrees with the rows, seen at one moment: writing may go on meanwhile. Changes nothing.
    pub async fn examine(&self) -> Result<Vec<Finding>, StoreError> {
        let snapshot = transaction::begin_snapshot(&self.read).await?;
        take_time(&snapshot).await?;
        let mut findings = counters::examine(&snapshot).await?;
        findings.extend(registrations::examine(&snapshot).await?);
        findings.extend(schedule::examine(&snapshot).await?);
        findings.extend(journal::examine(&snapshot).await?);
        findings.extend(search::examine(&snapshot).await?);
        snapshot.commit().await?;
        Ok(findings)
    }
}

/// Lifts the limit on a statement's time for this transaction: no client waits for a count, and a large database takes
/// longer than one would.
async fn take_time(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
    }
    Ok(())
}

/// What `tell` makes of each row that a check returns.
async fn ask(
    db: &impl ConnectionTrait,
    check: &str,
    tell: impl Fn(&QueryResult) -> Result<Finding, DbErr>,
) -> Result<Vec<Finding>, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), check);
    db.query_all_raw(statement).await?.iter().map(tell).collect()
}

/// The numbers of these states, as a list in SQL.
fn among(statuses: &[RegistrationStatus]) -> String {
    use domain::Numbered;
    statuses.iter().map(|status| status.number().to_string()).collect::<Vec<_>>().join(", ")
}
