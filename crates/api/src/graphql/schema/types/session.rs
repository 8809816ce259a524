use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use domain::{SessionId, Timestamp};
use persistence::{SessionRow, Store};

use super::{center::Center, node, track::Track};
use crate::graphql::{
    execution::{cost::looked_up, fault::Fault, loaders::Loaders},
    schema::{enums::SessionStatus, scalars::Instant},
};

node!(Session = SessionFields(SessionRow));

impl Session {
    /// The session that was edited, unless it was removed with its track since.
    pub(in crate::graphql) async fn find(ctx: &Context<'_>, id: SessionId) -> Result<Option<Self>, Fault> {
        Ok(ctx.data_unchecked::<Loaders>().session(id).await?.map(Session::from))
    }
}

/// A meeting of a track, at a time and a place.
#[Object(name = "Session")]
impl SessionFields {
    /// `ses_…`
    pub(crate) async fn id(&self) -> ID {
        SessionId::from_uuid(self.0.id).to_string().into()
    }

    /// What it is about.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// The first instant of the session.
    async fn starts_at(&self) -> Instant {
        Instant(self.0.starts_at)
    }

    /// The instant at which the session is over.
    async fn ends_at(&self) -> Instant {
        Instant(self.0.ends_at)
    }

    /// What it is now.
    async fn status(&self, ctx: &Context<'_>) -> SessionStatus {
        SessionStatus::of(&self.0, ctx.data_unchecked::<Arc<Store>>().clock().now())
    }

    /// The room, as the center calls it.
    async fn room(&self) -> Option<&str> {
        self.0.room.as_deref()
    }

    /// Who leads it.
    async fn instructor(&self) -> Option<&str> {
        self.0.instructor.as_deref()
    }

    /// Where it takes place.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn center(&self, ctx: &Context<'_>) -> Result<Center> {
        Ok(Center::load(ctx, self.0.center_id).await?)
    }

    /// The track it belongs to.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn track(&self, ctx: &Context<'_>) -> Result<Track> {
        Ok(Track::load(ctx, self.0.track_id).await?)
    }
}

impl SessionStatus {
    /// What a session is at an instant.
    pub(crate) fn of(row: &SessionRow, now: Timestamp) -> Self {
        if row.cancelled_at.is_some() {
            Self::Cancelled
        } else if now < row.starts_at {
            Self::Upcoming
        } else if now < row.ends_at {
            Self::InProgress
        } else {
            Self::Completed
        }
    }
}
