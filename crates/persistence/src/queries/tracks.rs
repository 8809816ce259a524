use domain::{SessionId, TrackId, WorkshopId};

use crate::{
    SessionRow, StoreError, TrackRow, View,
    entities::{session, track},
};

impl View {
    /// The tracks with these numbers, in no order.
    pub async fn tracks(&self, ids: &[TrackId]) -> Result<Vec<TrackRow>, StoreError> {
        self.rows_by::<track::Entity, _>(track::Column::Id, ids.iter().map(|id| id.number())).await
    }

    /// The sessions with these ids, in no order.
    pub async fn sessions(&self, ids: &[SessionId]) -> Result<Vec<SessionRow>, StoreError> {
        self.rows_by::<session::Entity, _>(session::Column::Id, ids.iter().map(|id| id.uuid())).await
    }

    /// The tracks of these workshops, by number.
    pub async fn tracks_of_workshops(&self, workshops: &[WorkshopId]) -> Result<Vec<TrackRow>, StoreError> {
        let ids = workshops.iter().map(|id| id.uuid());
        let mut tracks = self.rows_by::<track::Entity, _>(track::Column::WorkshopId, ids).await?;
        tracks.sort_by_key(|track| track.id);
        Ok(tracks)
    }

    /// The sessions of these workshops, in the order in which they start.
    pub async fn sessions_of_workshops(&self, workshops: &[WorkshopId]) -> Result<Vec<SessionRow>, StoreError> {
        let ids = workshops.iter().map(|id| id.uuid());
        let mut sessions = self.rows_by::<session::Entity, _>(session::Column::WorkshopId, ids).await?;
        sessions.sort_by_key(|session| (session.starts_at, session.id));
        Ok(sessions)
    }
}
