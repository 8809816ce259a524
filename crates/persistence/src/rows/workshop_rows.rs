//! The rows of a new workshop with its tracks and sessions.

use domain::{CenterId, ExternalId, SessionId, Stage, Timestamp, TrackId, Window, WorkshopId};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue::NotSet, ConnectionTrait, EntityTrait, IntoActiveModel,
};
use uuid::Uuid;

use crate::{
    EnumColumn, SessionRow, StoreError, TrackRow, WorkshopRow,
    entities::{session, track, workshop_center},
    search::insert_searchable,
};

/// A workshop to insert, with its tracks.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct NewWorkshop {
    pub id: WorkshopId,
    pub external_id: Option<ExternalId>,
    pub title: String,
    pub description: Option<String>,
    pub stage: Stage,
    pub window: Window,
    pub capacity: Option<u32>,
    pub waitlist_enabled: bool,
    pub waitlist_limit: Option<u32>,
    pub centers: Vec<CenterId>,
    pub tracks: Vec<NewTrack>,
}

/// A track to insert, with its sessions.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct NewTrack {
    pub name: String,
    pub capacity: Option<u32>,
    pub sessions: Vec<NewSession>,
}

/// A session to insert.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct NewSession {
    pub id: SessionId,
    pub title: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub center: CenterId,
    pub room: Option<String>,
    pub instructor: Option<String>,
}

/// Inserts a workshop with its tracks and sessions. Returns the ids of the tracks, in the order given.
pub(crate) async fn insert_workshop(
    db: &impl ConnectionTrait,
    new: NewWorkshop,
    now: Timestamp,
) -> Result<Vec<TrackId>, StoreError> {
    insert_searchable(db, [new.row(now)]).await?;
    insert_workshop_centers(db, new.id, &new.centers).await?;
    let mut tracks = Vec::with_capacity(new.tracks.len());
    for track in new.tracks {
        tracks.push(insert_track(db, new.id, track, now).await?);
    }
    Ok(tracks)
}

/// Inserts a track with its sessions. Returns its id.
pub(crate) async fn insert_track(
    db: &impl ConnectionTrait,
    workshop: WorkshopId,
    new: NewTrack,
    now: Timestamp,
) -> Result<TrackId, StoreError> {
    let mut row = new.row(workshop.uuid(), now).into_active_model();
    row.id = NotSet;
    let row = track::Entity::insert(row).exec_with_returning(db).await?;
    let sessions = new.sessions.into_iter().map(|session| session.row(&row, now));
    insert::<session::Entity>(db, sessions).await?;
    row.track_id()
}

/// Inserts the centers that run a workshop.
pub(crate) async fn insert_workshop_centers(
    db: &impl ConnectionTrait,
    workshop: WorkshopId,
    centers: &[CenterId],
) -> Result<(), StoreError> {
    let workshop_id = workshop.uuid();
    let rows = centers.iter().map(|id| workshop_center::Model { workshop_id, center_id: id.uuid() });
    insert::<workshop_center::Entity>(db, rows).await
}

impl NewWorkshop {
    fn row(&self, now: Timestamp) -> WorkshopRow {
        let sessions = || self.tracks.iter().flat_map(|track| &track.sessions);
        WorkshopRow {
            id: self.id.uuid(),
            external_id: self.external_id.as_ref().map(|id| id.as_str().to_owned()),
            title: self.title.clone(),
            description: self.description.clone(),
            stage: EnumColumn(self.stage),
            registration_opens_at: self.window.opens_at,
            registration_closes_at: self.window.closes_at,
            capacity: self.capacity.map(u32::cast_signed),
            seats_taken: 0,
            waitlist_enabled: self.waitlist_enabled,
            waitlist_limit: self.waitlist_limit.map(u32::cast_signed),
            waitlist_length: 0,
            next_waitlist_number: 1,
            starts_at: sessions().map(|session| session.starts_at).min(),
            ends_at: sessions().map(|session| session.ends_at).max(),
            version: 1,
            created_at: now,
            updated_at: now,
            sort_key: String::new(),
            published_at: (self.stage != Stage::Draft).then_some(now),
        }
    }
}

impl NewTrack {
    fn row(&self, workshop_id: Uuid, now: Timestamp) -> TrackRow {
        TrackRow {
            id: 0,
            workshop_id,
            name: self.name.clone(),
            capacity: self.capacity.map(u32::cast_signed),
            seats_taken: 0,
            starts_at: self.sessions.iter().map(|session| session.starts_at).min(),
            ends_at: self.sessions.iter().map(|session| session.ends_at).max(),
            created_at: now,
            updated_at: now,
        }
    }
}

impl NewSession {
    fn row(self, track: &TrackRow, now: Timestamp) -> SessionRow {
        SessionRow {
            id: self.id.uuid(),
            workshop_id: track.workshop_id,
            track_id: track.id,
            center_id: self.center.uuid(),
            title: self.title,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            room: self.room,
            instructor: self.instructor,
            cancelled_at: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// Rows per statement: far below the maximum number of parameters of either database.
const ROWS_PER_STATEMENT: usize = 500;

pub(crate) async fn insert<E: EntityTrait>(
    db: &impl ConnectionTrait,
    rows: impl IntoIterator<Item = E::Model>,
) -> Result<(), StoreError>
where
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send,
{
    let rows: Vec<_> = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        E::insert_many(rows.to_vec()).exec_without_returning(db).await?;
    }
    Ok(())
}
