//! The doctor: checks every counter and every invariant against the rows, one file per subject.
//!
//! A check is one statement that returns only inconsistent rows, so a large consistent database needs little memory.
//! (Search words, which SQL cannot derive, are checked some hundred rows at a time.)

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
use finding::{track, workshop};

use crate::{Store, StoreError, database::transaction};

impl Store {
    /// All inconsistencies as of one moment, while writes continue. Changes nothing.
    pub async fn examine(&self) -> Result<Vec<Finding>, StoreError> {
        let snapshot = transaction::begin_snapshot(&self.read).await?;
        lift_statement_timeout(&snapshot).await?;
        let mut findings = counters::examine(&snapshot).await?;
        findings.extend(registrations::examine(&snapshot).await?);
        findings.extend(schedule::examine(&snapshot).await?);
        findings.extend(journal::examine(&snapshot).await?);
        findings.extend(search::examine(&snapshot).await?);
        snapshot.commit().await?;
        Ok(findings)
    }
}

/// Lifts the time limit of statements for this transaction: no client waits for a count, which takes longer than the
/// limit on a large database.
async fn lift_statement_timeout(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
    }
    Ok(())
}

/// Runs a check, and converts each row that it returns.
async fn find(
    db: &impl ConnectionTrait,
    check: &str,
    to_finding: impl Fn(&QueryResult) -> Result<Finding, DbErr>,
) -> Result<Vec<Finding>, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), check);
    db.query_all_raw(statement).await?.iter().map(to_finding).collect()
}

/// The rows of a table whose track does not belong to their workshop.
async fn foreign_tracks(
    db: &impl ConnectionTrait,
    table: &str,
    name: fn(&QueryResult, &str) -> Result<String, DbErr>,
) -> Result<Vec<Finding>, DbErr> {
    let check = format!(
        "SELECT {table}.id, {table}.workshop_id, {table}.track_id FROM {table} \
         LEFT JOIN tracks ON tracks.id = {table}.track_id AND tracks.workshop_id = {table}.workshop_id \
         WHERE tracks.id IS NULL ORDER BY {table}.id"
    );
    find(db, &check, |row| {
        let (track, workshop) = (track(row, "track_id")?, workshop(row, "workshop_id")?);
        let detail = format!("its track {track} does not belong to its workshop {workshop}");
        Ok(Finding::new(&name(row, "id")?, detail))
    })
    .await
}

/// The numbers of these statuses, as a list in SQL.
fn status_list(statuses: &[RegistrationStatus]) -> String {
    use domain::Numbered;
    statuses.iter().map(|status| status.number().to_string()).collect::<Vec<_>>().join(", ")
}
