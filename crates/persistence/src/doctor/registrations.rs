//! Registrations: their line, their guests, their tracks, their workshops.

use domain::{Numbered, RegistrationStatus, Stage};
use sea_orm::{ConnectionTrait, DbErr};

use super::{
    Finding, among, ask,
    finding::{guest, number, registration, status, track, workshop},
};

pub(super) async fn examine(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let mut findings = places(db).await?;
    findings.extend(shared_places(db).await?);
    findings.extend(second_registrations(db).await?);
    findings.extend(foreign_tracks(db).await?);
    findings.extend(left_at_a_cancelled_workshop(db).await?);
    findings.extend(at_drafts(db).await?);
    for (statuses, instant) in INSTANTS {
        findings.extend(without_instant(db, statuses, instant).await?);
    }
    findings.extend(
        ask(db, OUT_OF_THE_LINE, |row| {
            Ok(Finding::of(&registration(row, "id")?, "from_waitlist and promoted_at do not say the same"))
        })
        .await?,
    );
    Ok(findings)
}

/// Who waits has a place in line, and nobody else has one.
async fn places(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let waiting = RegistrationStatus::Waitlisted.number();
    let check = format!(
        "SELECT id, status, waitlist_number FROM registrations WHERE (status = {waiting}) <> (waitlist_number IS NOT NULL) ORDER BY id"
    );
    ask(db, &check, |row| {
        let place: Option<i64> = row.try_get("", "waitlist_number")?;
        let place = place.map_or_else(|| "no waitlist number".to_owned(), |place| format!("waitlist number {place}"));
        let status = status(row, "status")?;
        Ok(Finding::of(&registration(row, "id")?, format!("its status is {status}, and it has {place}")))
    })
    .await
}

/// No two wait in the same place. Told of each but the first.
async fn shared_places(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let waiting = RegistrationStatus::Waitlisted.number();
    let check = format!(
        "SELECT id, workshop_id, waitlist_number, first FROM (\
         SELECT id, workshop_id, waitlist_number, FIRST_VALUE(id) OVER line AS first FROM registrations \
         WHERE status = {waiting} AND waitlist_number IS NOT NULL WINDOW line AS (PARTITION BY workshop_id, waitlist_number ORDER BY id)\
         ) AS waiting WHERE id <> first ORDER BY id"
    );
    ask(db, &check, |row| {
        let (waitlist_number, line) = (number(row, "waitlist_number")?, workshop(row, "workshop_id")?);
        let first = registration(row, "first")?;
        Ok(Finding::of(
            &registration(row, "id")?,
            format!("it has waitlist number {waitlist_number} of {line}, and so does {first}"),
        ))
    })
    .await
}

/// A guest has one live registration at a workshop. Told of each but the first.
async fn second_registrations(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let live = among(&RegistrationStatus::LIVE);
    let check = format!(
        "SELECT id, workshop_id, guest_id, first FROM (\
         SELECT id, workshop_id, guest_id, FIRST_VALUE(id) OVER theirs AS first FROM registrations \
         WHERE status IN ({live}) WINDOW theirs AS (PARTITION BY workshop_id, guest_id ORDER BY id)\
         ) AS live WHERE id <> first ORDER BY id"
    );
    ask(db, &check, |row| {
        let (theirs, at) = (guest(row, "guest_id")?, workshop(row, "workshop_id")?);
        let first = registration(row, "first")?;
        Ok(Finding::of(&registration(row, "id")?, format!("it is live at {at} for {theirs}, and so is {first}")))
    })
    .await
}

async fn foreign_tracks(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let check = "SELECT registrations.id, registrations.workshop_id, registrations.track_id FROM registrations \
                 LEFT JOIN tracks ON tracks.id = registrations.track_id \
                 AND tracks.workshop_id = registrations.workshop_id \
                 WHERE tracks.id IS NULL ORDER BY registrations.id";
    ask(db, check, |row| {
        let (track, at) = (track(row, "track_id")?, workshop(row, "workshop_id")?);
        Ok(Finding::of(&registration(row, "id")?, format!("it is to {track}, which is no track of its workshop {at}")))
    })
    .await
}

/// Cancelling a workshop releases everybody but those who have come, or were marked as not having come.
async fn left_at_a_cancelled_workshop(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let held = among(&[RegistrationStatus::Registered, RegistrationStatus::Waitlisted]);
    let cancelled = Stage::Cancelled.number();
    let check = format!(
        "SELECT registrations.id, registrations.workshop_id, registrations.status FROM registrations \
         JOIN workshops ON workshops.id = registrations.workshop_id \
         WHERE workshops.stage = {cancelled} AND registrations.status IN ({held}) ORDER BY registrations.id"
    );
    ask(db, &check, |row| {
        let (status, at) = (status(row, "status")?, workshop(row, "workshop_id")?);
        Ok(Finding::of(&registration(row, "id")?, format!("its status is {status}, its workshop {at} is cancelled")))
    })
    .await
}

/// The instants without which a state is not what it says.
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
        among(statuses)
    );
    ask(db, &check, |row| {
        let status = status(row, "status")?;
        Ok(Finding::of(&registration(row, "id")?, format!("its status is {status}, and {instant} is missing")))
    })
    .await
}

/// Who came out of the line did so at an instant, and nobody else did.
const OUT_OF_THE_LINE: &str =
    "SELECT id FROM registrations WHERE from_waitlist <> (promoted_at IS NOT NULL) ORDER BY id";

async fn at_drafts(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let draft = Stage::Draft.number();
    let check = format!(
        "SELECT registrations.id, registrations.workshop_id FROM registrations \
         JOIN workshops ON workshops.id = registrations.workshop_id \
         WHERE workshops.stage = {draft} ORDER BY registrations.id"
    );
    ask(db, &check, |row| {
        let at = workshop(row, "workshop_id")?;
        Ok(Finding::of(
            &registration(row, "id")?,
            format!("its workshop {at} is a draft, to which nobody can register"),
        ))
    })
    .await
}
