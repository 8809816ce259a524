//! The journal: for each registration an unbroken sequence of entries that ends at the status of the registration.

use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use uuid::Uuid;

use super::{
    Finding, find,
    finding::{journal_entry, registration, status, workshop},
};

pub(super) async fn examine(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let mut findings =
        find(db, WITHOUT_ENTRY, |row| Ok(Finding::new(&registration(row, "id")?, "the journal has no entry for it")))
            .await?;
    findings.extend(find(db, LAST_STATUS_MISMATCHES, last_status_mismatch).await?);
    findings.extend(find(db, GAPS, gap).await?);
    findings.extend(find(db, WRONG_REGISTRATIONS, wrong_registration).await?);
    findings.extend(find(db, MISATTRIBUTED, misattributed).await?);
    findings.extend(find(db, OUT_OF_ORDER, out_of_order).await?);
    Ok(findings)
}

const WITHOUT_ENTRY: &str = "SELECT id FROM registrations WHERE NOT EXISTS \
     (SELECT 1 FROM journal WHERE journal.registration_id = registrations.id) ORDER BY id";

/// Registrations whose status differs from that of their last entry.
const LAST_STATUS_MISMATCHES: &str = "SELECT registrations.id, registrations.status, journal.status_after FROM registrations \
     JOIN (SELECT registration_id, MAX(sequence) AS sequence FROM journal GROUP BY registration_id) \
     AS last ON last.registration_id = registrations.id \
     JOIN journal ON journal.sequence = last.sequence \
     WHERE journal.status_after IS DISTINCT FROM registrations.status ORDER BY registrations.id";

fn last_status_mismatch(row: &QueryResult) -> Result<Finding, DbErr> {
    let (status, last) = (status(row, "status")?, status(row, "status_after")?);
    let detail = format!("its status is {status}, but its last journal entry says {last}");
    Ok(Finding::new(&registration(row, "id")?, detail))
}

/// Entries that start at another status than the previous entry ends at. The first one starts at no status.
const GAPS: &str = "SELECT id, registration_id, status_before, previous_status FROM (\
                    SELECT id, registration_id, sequence, status_before, \
                    LAG(status_after) OVER history AS previous_status, \
                    ROW_NUMBER() OVER history AS number FROM journal WHERE registration_id IS NOT NULL \
                    WINDOW history AS (PARTITION BY registration_id ORDER BY sequence)) AS entries \
                    WHERE status_before IS DISTINCT FROM previous_status OR (number > 1 AND previous_status IS NULL) \
                    ORDER BY sequence";

fn gap(row: &QueryResult) -> Result<Finding, DbErr> {
    let (before, previous) = (status(row, "status_before")?, status(row, "previous_status")?);
    let registration = registration(row, "registration_id")?;
    let detail = format!("it starts at {before}, but the previous entry of {registration} ends at {previous}");
    Ok(Finding::new(&journal_entry(row, "id")?, detail))
}

/// Entries of a registration that does not exist, or belongs to another workshop.
const WRONG_REGISTRATIONS: &str = "SELECT journal.id, journal.registration_id, journal.workshop_id, registrations.workshop_id AS actual_workshop_id \
     FROM journal LEFT JOIN registrations ON registrations.id = journal.registration_id \
     WHERE journal.registration_id IS NOT NULL \
     AND registrations.workshop_id IS DISTINCT FROM journal.workshop_id ORDER BY journal.sequence";

fn wrong_registration(row: &QueryResult) -> Result<Finding, DbErr> {
    let (registration, entered) = (registration(row, "registration_id")?, workshop(row, "workshop_id")?);
    let actual: Option<Uuid> = row.try_get("", "actual_workshop_id")?;
    let actual = match actual {
        Some(_) => format!("belongs to {}", workshop(row, "actual_workshop_id")?),
        None => "does not exist".to_owned(),
    };
    let detail = format!("it names {registration} at {entered}, but that registration {actual}");
    Ok(Finding::new(&journal_entry(row, "id")?, detail))
}

/// Entries with another guest or center than their registration: the wrong callers could read them.
const MISATTRIBUTED: &str = "SELECT journal.id, journal.registration_id FROM journal \
                             JOIN registrations ON registrations.id = journal.registration_id \
                             WHERE journal.guest_id IS DISTINCT FROM registrations.guest_id \
                             OR journal.center_id IS DISTINCT FROM registrations.center_id ORDER BY journal.sequence";

fn misattributed(row: &QueryResult) -> Result<Finding, DbErr> {
    let registration = registration(row, "registration_id")?;
    let detail = format!("its guest or its center differs from that of {registration}");
    Ok(Finding::new(&journal_entry(row, "id")?, detail))
}

/// Entries whose position is before that of an earlier entry of the same workshop.
const OUT_OF_ORDER: &str = "SELECT id, workshop_id FROM (\
                            SELECT id, workshop_id, sequence, position, \
                            LAG(position) OVER (PARTITION BY workshop_id ORDER BY sequence) AS position_before \
                            FROM journal) AS entries WHERE position < position_before ORDER BY sequence";

fn out_of_order(row: &QueryResult) -> Result<Finding, DbErr> {
    let workshop = workshop(row, "workshop_id")?;
    let detail = format!("its position is before that of an earlier entry of {workshop}");
    Ok(Finding::new(&journal_entry(row, "id")?, detail))
}
