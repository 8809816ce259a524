//! Registrations: their waitlist numbers, guests, tracks and workshops.

use domain::{Numbered, RegistrationStatus, Stage};
use sea_orm::{ConnectionTrait, DbErr};

use super::{
    Finding, find,
    finding::{guest, number, registration, status, workshop},
    foreign_tracks, status_list,
};

pub(super) async fn examine(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let mut findings = wrong_waitlist_numbers(db).await?;
    findings.extend(duplicate_waitlist_numbers(db).await?);
    findings.extend(duplicate_registrations(db).await?);
    findings.extend(foreign_tracks(db, "registrations", registration).await?);
    findings.extend(active_at_cancelled_workshops(db).await?);
    findings.extend(at_drafts(db).await?);
    for (statuses, instant) in INSTANTS {
        findings.extend(without_instant(db, statuses, instant).await?);
    }
    findings.extend(
        find(db, CONTRADICTORY_PROMOTIONS, |row| {
            Ok(Finding::new(&registration(row, "id")?, "from_waitlist and promoted_at contradict each other"))
        })
        .await?,
    );
    Ok(findings)
}

/// Waitlisted registrations have a waitlist number, and others have none.
async fn wrong_waitlist_numbers(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let waitlisted = RegistrationStatus::Waitlisted.number();
    let check = format!(
        "SELECT id, status, waitlist_number FROM registrations \
         WHERE (status = {waitlisted}) <> (waitlist_number IS NOT NULL) ORDER BY id"
    );
    find(db, &check, |row| {
        let number: Option<i64> = row.try_get("", "waitlist_number")?;
        let number =
            number.map_or_else(|| "no waitlist number".to_owned(), |number| format!("waitlist number {number}"));
        let status = status(row, "status")?;
        Ok(Finding::new(&registration(row, "id")?, format!("its status is {status}, but it has {number}")))
    })
    .await
}

/// Waitlist numbers are unique in a workshop. A finding for each duplicate but the first.
async fn duplicate_waitlist_numbers(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let waitlisted = RegistrationStatus::Waitlisted.number();
    let check = format!(
        "SELECT id, workshop_id, waitlist_number, first FROM (\
         SELECT id, workshop_id, waitlist_number, FIRST_VALUE(id) OVER same_number AS first FROM registrations \
         WHERE status = {waitlisted} AND waitlist_number IS NOT NULL \
         WINDOW same_number AS (PARTITION BY workshop_id, waitlist_number ORDER BY id)\
         ) AS waitlisted WHERE id <> first ORDER BY id"
    );
    find(db, &check, |row| {
        let (number, workshop) = (number(row, "waitlist_number")?, workshop(row, "workshop_id")?);
        let first = registration(row, "first")?;
        let detail = format!("it has waitlist number {number} at {workshop}, and so does {first}");
        Ok(Finding::new(&registration(row, "id")?, detail))
    })
    .await
}

/// A guest has at most one live registration at a workshop. A finding for each duplicate but the first.
async fn duplicate_registrations(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let live = status_list(&RegistrationStatus::LIVE);
    let check = format!(
        "SELECT id, workshop_id, guest_id, first FROM (\
         SELECT id, workshop_id, guest_id, FIRST_VALUE(id) OVER same_guest AS first FROM registrations \
         WHERE status IN ({live}) WINDOW same_guest AS (PARTITION BY workshop_id, guest_id ORDER BY id)\
         ) AS live WHERE id <> first ORDER BY id"
    );
    find(db, &check, |row| {
        let (guest, workshop) = (guest(row, "guest_id")?, workshop(row, "workshop_id")?);
        let first = registration(row, "first")?;
        let detail = format!("it is a live registration of {guest} at {workshop}, and so is {first}");
        Ok(Finding::new(&registration(row, "id")?, detail))
    })
    .await
}

/// Cancelling a workshop releases all registrations except those of guests who attended or were marked as no-shows.
async fn active_at_cancelled_workshops(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let active = status_list(&[RegistrationStatus::Registered, RegistrationStatus::Waitlisted]);
    let cancelled = Stage::Cancelled.number();
    let check = format!(
        "SELECT registrations.id, registrations.workshop_id, registrations.status FROM registrations \
         JOIN workshops ON workshops.id = registrations.workshop_id \
         WHERE workshops.stage = {cancelled} AND registrations.status IN ({active}) ORDER BY registrations.id"
    );
    find(db, &check, |row| {
        let (status, workshop) = (status(row, "status")?, workshop(row, "workshop_id")?);
        let detail = format!("its status is {status}, but its workshop {workshop} is cancelled");
        Ok(Finding::new(&registration(row, "id")?, detail))
    })
    .await
}

/// The instants that a status requires.
const INSTANTS: [(&[RegistrationStatus], &str); 2] = [
    (&[RegistrationStatus::SignedIn], "checked_in_at"),
    (&[RegistrationStatus::Cancelled, RegistrationStatus::WorkshopCancelled], "cancelled_at"),
];

async fn without_instant(
    db: &impl ConnectionTrait,
    statuses: &[RegistrationStatus],
    instant: &str,
) -> Result<Vec<Finding>, DbErr> {
    let check = format!(
        "SELECT id, status FROM registrations WHERE status IN ({}) AND {instant} IS NULL ORDER BY id",
        status_list(statuses)
    );
    find(db, &check, |row| {
        let status = status(row, "status")?;
        Ok(Finding::new(&registration(row, "id")?, format!("its status is {status}, but {instant} is missing")))
    })
    .await
}

/// A registration from the waitlist has the instant of its promotion, and others have none.
const CONTRADICTORY_PROMOTIONS: &str =
    "SELECT id FROM registrations WHERE from_waitlist <> (promoted_at IS NOT NULL) ORDER BY id";

async fn at_drafts(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let draft = Stage::Draft.number();
    let check = format!(
        "SELECT registrations.id, registrations.workshop_id FROM registrations \
         JOIN workshops ON workshops.id = registrations.workshop_id \
         WHERE workshops.stage = {draft} ORDER BY registrations.id"
    );
    find(db, &check, |row| {
        let workshop = workshop(row, "workshop_id")?;
        Ok(Finding::new(&registration(row, "id")?, format!("its workshop {workshop} is a draft")))
    })
    .await
}
