use async_graphql::{Context, ID, Object, Result};
use domain::{SessionId, Timestamp};
use persistence::SessionRow;

use super::{center::Center, node, track::Track};
use crate::graphql::{
    execution::{
        context::{loaders, now},
        cost::lookup_cost,
        fault::Fault,
    },
    schema::{enums::SessionStatus, scalars::Instant},
};

node!(Session = SessionFields(SessionRow));

impl Session {
    /// Loads a session; `None` if it has been removed with its track.
    pub(in crate::graphql) async fn find(ctx: &Context<'_>, id: SessionId) -> Result<Option<Self>, Fault> {
        Ok(loaders(ctx).session(id).await?.map(Session::from))
    }
}

/// A meeting of a track, at one time and place.
#[Object(name = "Session")]
impl SessionFields {
    /// The id, `ses_…`.
    pub(crate) async fn id(&self) -> ID {
        SessionId::from_uuid(self.0.id).to_string().into()
    }

    /// The title.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// The first instant of the session.
    async fn starts_at(&self) -> Instant {
        Instant(self.0.starts_at)
    }

    /// The instant when the session ends.
    async fn ends_at(&self) -> Instant {
        Instant(self.0.ends_at)
    }

    /// The state of the session.
    async fn status(&self, ctx: &Context<'_>) -> SessionStatus {
        SessionStatus::of(&self.0, now(ctx))
    }

    /// The room, by the name that the center uses.
    async fn room(&self) -> Option<&str> {
        self.0.room.as_deref()
    }

    /// The name of the instructor.
    async fn instructor(&self) -> Option<&str> {
        self.0.instructor.as_deref()
    }

    /// The center where the session takes place.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn center(&self, ctx: &Context<'_>) -> Result<Center> {
        Ok(Center::load(ctx, self.0.center_id).await?)
    }

    /// The track of the session.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn track(&self, ctx: &Context<'_>) -> Result<Track> {
        Ok(Track::load(ctx, self.0.track_id).await?)
    }
}

impl SessionStatus {
    /// Returns the state of a session at an instant.
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
