//! Schedules: sessions at the centers of their workshop, when workshops and tracks start and end, complete workshops.

use domain::{Numbered, Stage};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::{
    Finding, find,
    finding::{center, instant, session, track, workshop},
    foreign_tracks,
};

pub(super) async fn examine(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let mut findings = foreign_tracks(db, "sessions", session).await?;
    findings.extend(foreign_centers(db).await?);
    for (part, table) in [("track", "tracks"), ("center", "workshop_centers")] {
        findings.extend(incomplete(db, part, table).await?);
    }
    for (column, extreme) in [("starts_at", "MIN"), ("ends_at", "MAX")] {
        let join = "sessions.workshop_id = target.id";
        let check = time_mismatches("workshops", "workshop_id", join, column, extreme);
        findings.extend(find(db, &check, time_mismatch(workshop, column)).await?);
        let join = "sessions.workshop_id = target.workshop_id AND sessions.track_id = target.id";
        let check = time_mismatches("tracks", "workshop_id, track_id", join, column, extreme);
        findings.extend(find(db, &check, time_mismatch(track, column)).await?);
    }
    Ok(findings)
}

/// A query for the rows of `table` whose column differs from that of their sessions: `id`, `stored` and `derived`.
fn time_mismatches(table: &str, key: &str, join: &str, column: &str, extreme: &str) -> String {
    format!(
        "SELECT target.id, target.{column} AS stored, sessions.instant AS derived FROM {table} AS target LEFT JOIN (\
         SELECT {key}, {extreme}({column}) AS instant FROM sessions WHERE cancelled_at IS NULL GROUP BY {key}\
         ) AS sessions ON {join} WHERE target.{column} IS DISTINCT FROM sessions.instant ORDER BY target.id"
    )
}

fn time_mismatch(
    name: fn(&QueryResult, &str) -> Result<String, DbErr>,
    column: &str,
) -> impl Fn(&QueryResult) -> Result<Finding, DbErr> {
    move |row| {
        let (stored, derived) = (instant(row, "stored")?, instant(row, "derived")?);
        Ok(Finding::new(&name(row, "id")?, format!("{column} is {stored}, but its sessions give {derived}")))
    }
}

/// A session takes place at a center that runs the workshop.
async fn foreign_centers(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let check = "SELECT sessions.id, sessions.workshop_id, sessions.center_id FROM sessions \
                 LEFT JOIN workshop_centers ON workshop_centers.workshop_id = sessions.workshop_id \
                 AND workshop_centers.center_id = sessions.center_id \
                 WHERE sessions.cancelled_at IS NULL AND workshop_centers.center_id IS NULL ORDER BY sessions.id";
    find(db, check, |row| {
        let (center, workshop) = (center(row, "center_id")?, workshop(row, "workshop_id")?);
        Ok(Finding::new(&session(row, "id")?, format!("it takes place at {center}, which does not run {workshop}")))
    })
    .await
}

/// A published workshop has a track and a center.
async fn incomplete(db: &impl ConnectionTrait, part: &str, table: &str) -> Result<Vec<Finding>, DbErr> {
    let published = Stage::Published.number();
    let check = format!(
        "SELECT id FROM workshops WHERE stage = {published} \
         AND NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.workshop_id = workshops.id) ORDER BY id"
    );
    find(db, &check, |row| Ok(Finding::new(&workshop(row, "id")?, format!("it is published without a {part}")))).await
}
