//! What authors keep in order: sessions where their workshop is, when it starts and ends, and what guests need of it.

use domain::{Numbered, Stage};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::{
    Finding, ask,
    finding::{center, instant, session, track, workshop},
};

pub(super) async fn examine(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let mut findings = foreign_tracks(db).await?;
    findings.extend(elsewhere(db).await?);
    for (part, table) in [("track", "tracks"), ("center", "workshop_centers")] {
        findings.extend(incomplete(db, part, table).await?);
    }
    for (column, extreme) in [("starts_at", "MIN"), ("ends_at", "MAX")] {
        let whose = "said.workshop_id = kept.id";
        findings
            .extend(ask(db, &times("workshops", "workshop_id", whose, column, extreme), tell(workshop, column)).await?);
        let whose = "said.workshop_id = kept.workshop_id AND said.track_id = kept.id";
        let check = times("tracks", "workshop_id, track_id", whose, column, extreme);
        findings.extend(ask(db, &check, tell(track, column)).await?);
    }
    Ok(findings)
}

/// Where a column of `table` is not what the sessions that take place say: `id`, `stored` and `counted`.
fn times(table: &str, key: &str, whose: &str, column: &str, extreme: &str) -> String {
    format!(
        "SELECT kept.id, kept.{column} AS stored, said.instant AS counted FROM {table} AS kept LEFT JOIN (\
         SELECT {key}, {extreme}({column}) AS instant FROM sessions WHERE cancelled_at IS NULL GROUP BY {key}\
         ) AS said ON {whose} WHERE kept.{column} IS DISTINCT FROM said.instant ORDER BY kept.id"
    )
}

fn tell(
    name: fn(&QueryResult, &str) -> Result<String, DbErr>,
    column: &str,
) -> impl Fn(&QueryResult) -> Result<Finding, DbErr> {
    move |row| {
        let (stored, counted) = (instant(row, "stored")?, instant(row, "counted")?);
        Ok(Finding::of(&name(row, "id")?, format!("{column} is {stored}, its sessions say {counted}")))
    }
}

async fn foreign_tracks(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let check = "SELECT sessions.id, sessions.workshop_id, sessions.track_id FROM sessions \
                 LEFT JOIN tracks ON tracks.id = sessions.track_id AND tracks.workshop_id = sessions.workshop_id \
                 WHERE tracks.id IS NULL ORDER BY sessions.id";
    ask(db, check, |row| {
        let (track, at) = (track(row, "track_id")?, workshop(row, "workshop_id")?);
        Ok(Finding::of(&session(row, "id")?, format!("it is of {track}, which is no track of its workshop {at}")))
    })
    .await
}

/// A session takes place at a center that runs the workshop.
async fn elsewhere(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let check = "SELECT sessions.id, sessions.workshop_id, sessions.center_id FROM sessions \
                 LEFT JOIN workshop_centers ON workshop_centers.workshop_id = sessions.workshop_id \
                 AND workshop_centers.center_id = sessions.center_id \
                 WHERE sessions.cancelled_at IS NULL AND workshop_centers.center_id IS NULL ORDER BY sessions.id";
    ask(db, check, |row| {
        let (place, of) = (center(row, "center_id")?, workshop(row, "workshop_id")?);
        Ok(Finding::of(&session(row, "id")?, format!("it takes place at {place}, which does not run {of}")))
    })
    .await
}

/// What is published has a track and a center.
async fn incomplete(db: &impl ConnectionTrait, part: &str, table: &str) -> Result<Vec<Finding>, DbErr> {
    let published = Stage::Published.number();
    let check = format!(
        "SELECT id FROM workshops WHERE stage = {published} \
         AND NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.workshop_id = workshops.id) ORDER BY id"
    );
    ask(db, &check, |row| Ok(Finding::of(&workshop(row, "id")?, format!("it is published without a {part}")))).await
}
