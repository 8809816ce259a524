//! The journal: one unbroken story for each registration, which ends where the registration stands.

use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use uuid::Uuid;

use super::{
    Finding, ask,
    finding::{journal_entry, registration, status, workshop},
};

pub(super) async fn examine(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let mut findings =
        ask(db, UNTOLD, |row| Ok(Finding::of(&registration(row, "id")?, "the journal has no entry of it"))).await?;
    findings.extend(ask(db, ENDINGS, ending).await?);
    findings.extend(ask(db, GAPS, gap).await?);
    findings.extend(ask(db, STRAYS, stray).await?);
    findings.extend(ask(db, MISATTRIBUTED, misattributed).await?);
    findings.extend(ask(db, OUT_OF_ORDER, out_of_order).await?);
    Ok(findings)
}

const UNTOLD: &str = "SELECT id FROM registrations WHERE NOT EXISTS \
                      (SELECT 1 FROM journal WHERE journal.registration_id = registrations.id) ORDER BY id";

/// Registrations whose last entry leaves them elsewhere than they are.
const ENDINGS: &str = "SELECT registrations.id, registrations.status, journal.status_after FROM registrations \
                       JOIN (SELECT registration_id, MAX(sequence) AS sequence FROM journal GROUP BY registration_id) \
                       AS last ON last.registration_id = registrations.id \
                       JOIN journal ON journal.sequence = last.sequence \
                       WHERE journal.status_after IS DISTINCT FROM registrations.status ORDER BY registrations.id";

fn ending(row: &QueryResult) -> Result<Finding, DbErr> {
    let (status, last) = (status(row, "status")?, status(row, "status_after")?);
    Ok(Finding::of(&registration(row, "id")?, format!("its status is {status}, its last journal entry says {last}")))
}

/// Entries that begin elsewhere than the one before ended. Before the first there is nothing.
const GAPS: &str = "SELECT id, registration_id, status_before, status_left FROM (\
                    SELECT id, registration_id, sequence, status_before, LAG(status_after) OVER story AS status_left, \
                    ROW_NUMBER() OVER story AS number FROM journal WHERE registration_id IS NOT NULL \
                    WINDOW story AS (PARTITION BY registration_id ORDER BY sequence)) AS told \
                    WHERE status_before IS DISTINCT FROM status_left OR (number > 1 AND status_left IS NULL) \
                    ORDER BY sequence";

fn gap(row: &QueryResult) -> Result<Finding, DbErr> {
    let (before, left) = (status(row, "status_before")?, status(row, "status_left")?);
    let of = registration(row, "registration_id")?;
    let disagreement = format!("it begins at {before}, the entries of {of} before it end at {left}");
    Ok(Finding::of(&journal_entry(row, "id")?, disagreement))
}

/// Entries of a registration that is not there, or is of another workshop.
const STRAYS: &str = "SELECT journal.id, journal.registration_id, journal.workshop_id, registrations.workshop_id AS own \
                      FROM journal LEFT JOIN registrations ON registrations.id = journal.registration_id \
                      WHERE journal.registration_id IS NOT NULL \
                      AND registrations.workshop_id IS DISTINCT FROM journal.workshop_id ORDER BY journal.sequence";

fn stray(row: &QueryResult) -> Result<Finding, DbErr> {
    let (of, at) = (registration(row, "registration_id")?, workshop(row, "workshop_id")?);
    let own: Option<Uuid> = row.try_get("", "own")?;
    let truth = match own {
        Some(_) => format!("which is of {}", workshop(row, "own")?),
        None => "which is not there".to_owned(),
    };
    Ok(Finding::of(&journal_entry(row, "id")?, format!("it tells of {of} at {at}, {truth}")))
}

/// Entries that say another guest or another center than their registration: the wrong people would read them.
const MISATTRIBUTED: &str = "SELECT journal.id, journal.registration_id FROM journal \
                             JOIN registrations ON registrations.id = journal.registration_id \
                             WHERE journal.guest_id IS DISTINCT FROM registrations.guest_id \
                             OR journal.center_id IS DISTINCT FROM registrations.center_id ORDER BY journal.sequence";

fn misattributed(row: &QueryResult) -> Result<Finding, DbErr> {
    let of = registration(row, "registration_id")?;
    Ok(Finding::of(&journal_entry(row, "id")?, format!("its guest or its center is not that of {of}")))
}

/// Entries that a reader of the whole journal sees before one of the same workshop that was written earlier.
const OUT_OF_ORDER: &str = "SELECT id, workshop_id FROM (\
                            SELECT id, workshop_id, sequence, position, \
                            LAG(position) OVER (PARTITION BY workshop_id ORDER BY sequence) AS position_before \
                            FROM journal) AS told WHERE position < position_before ORDER BY sequence";

fn out_of_order(row: &QueryResult) -> Result<Finding, DbErr> {
    let of = workshop(row, "workshop_id")?;
    Ok(Finding::of(
        &journal_entry(row, "id")?,
        format!("readers see it before the entry of {of} that was written before it"),
    ))
}
