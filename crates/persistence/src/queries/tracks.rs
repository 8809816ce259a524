use std::collections::BTreeSet;

use domain::{SessionId, TrackId, WorkshopId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait, Select,
    sea_query::{Order, WindowStatement},
};

use crate::{
    SessionRow, StoreError, TrackRow, View,
    entities::{
        session::{self, Column},
        track,
    },
    pagination::page::first_of_each,
    rows::{row_decoding::DecodeRow, row_set::one_of},
};

impl View {
    /// The visible tracks with these ids, in no particular order.
    pub async fn tracks(&self, ids: &[TrackId]) -> Result<Vec<TrackRow>, StoreError> {
        self.rows_by::<track::Entity, _>(track::Column::Id, ids.iter().map(|id| id.number())).await
    }

    /// The visible sessions with these ids, in no particular order.
    pub async fn sessions(&self, ids: &[SessionId]) -> Result<Vec<SessionRow>, StoreError> {
        self.rows_by::<session::Entity, _>(session::Column::Id, ids.iter().map(|id| id.uuid())).await
    }

    /// The visible tracks of these workshops, ordered by id. Loads at most this many, which ones is undefined.
    pub async fn tracks_of_workshops(
        &self,
        workshops: &[WorkshopId],
        at_most: usize,
    ) -> Result<Vec<TrackRow>, StoreError> {
        let ids = workshops.iter().map(|id| id.uuid());
        let list = track::Entity::find();
        let mut tracks = self.some_rows_by(list, track::Column::WorkshopId, ids, Some(at_most)).await?;
        tracks.sort_by_key(|track| track.id);
        Ok(tracks)
    }

    /// The visible sessions of these workshops, ordered by start. Loads at most this many, which ones is undefined.
    pub async fn sessions_of_workshops(
        &self,
        workshops: &[WorkshopId],
        at_most: usize,
    ) -> Result<Vec<SessionRow>, StoreError> {
        self.some_sessions(session::Entity::find(), workshops.iter().copied(), at_most).await
    }

    /// The visible sessions of these tracks of these workshops, ordered by start. Loads at most this many, which ones is
    /// undefined.
    pub async fn sessions_of_tracks(
        &self,
        tracks: &[(WorkshopId, TrackId)],
        at_most: usize,
    ) -> Result<Vec<SessionRow>, StoreError> {
        let numbers = tracks.iter().map(|(_, track)| track.number());
        let list = session::Entity::find().filter(one_of(self.backend(), (session::Entity, Column::TrackId), numbers));
        // With the workshops, because the index of sessions begins with them.
        let workshops: BTreeSet<_> = tracks.iter().map(|(workshop, _)| *workshop).collect();
        self.some_sessions(list, workshops, at_most).await
    }

    async fn some_sessions(
        &self,
        list: Select<session::Entity>,
        workshops: impl IntoIterator<Item = WorkshopId>,
        at_most: usize,
    ) -> Result<Vec<SessionRow>, StoreError> {
        let ids = workshops.into_iter().map(|id| id.uuid());
        let mut sessions = self.some_rows_by(list, Column::WorkshopId, ids, Some(at_most)).await?;
        sessions.sort_by_key(|session| (session.starts_at, session.id));
        Ok(sessions)
    }

    /// The next session of each workshop that is not cancelled and has not started. Workshops without one are absent.
    pub async fn next_sessions(&self, workshops: &[WorkshopId]) -> Result<Vec<SessionRow>, StoreError> {
        let backend = self.backend();
        let mut by_start = WindowStatement::partition_by(Column::WorkshopId);
        by_start.order_by(Column::StartsAt, Order::Asc).order_by(Column::Id, Order::Asc);
        let upcoming = self
            .visible(session::Entity::find())
            .filter(one_of(backend, (session::Entity, Column::WorkshopId), workshops.iter().map(|id| id.uuid())))
            .filter(Column::CancelledAt.is_null())
            .filter(Column::StartsAt.gt(self.clock.now()));
        let next = first_of_each(upcoming.into_query(), by_start, 1);
        Ok(self.read.query_all(&next).await?.iter().map(SessionRow::decode).collect::<Result<_, _>>()?)
    }
}
