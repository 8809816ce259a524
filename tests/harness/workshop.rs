use chrono::TimeDelta;
use domain::{CenterId, SessionId, Stage, TrackId, Window, WorkshopId};
use persistence::{NewSession, NewTrack, NewWorkshop};
use uuid::Uuid;

use crate::now;

/// A created workshop.
#[derive(Clone, Debug)]
pub struct Workshop {
    pub id: String,
    pub center: String,
    pub tracks: Vec<i32>,
}

/// Builds a workshop; the default is published and open, with ten seats, a waitlist and one track without sessions.
#[derive(Clone, Debug)]
pub struct WorkshopBuilder(NewWorkshop);

pub fn a_workshop() -> WorkshopBuilder {
    WorkshopBuilder(NewWorkshop {
        id: WorkshopId::from_uuid(Uuid::now_v7()),
        external_id: None,
        title: "A workshop".to_owned(),
        description: None,
        stage: Stage::Published,
        window: Window { opens_at: Some(now() - TimeDelta::days(1)), closes_at: Some(now() + TimeDelta::days(1)) },
        capacity: Some(10),
        waitlist_enabled: true,
        waitlist_limit: None,
        centers: Vec::new(),
        tracks: vec![NewTrack { name: "Track 1".to_owned(), capacity: None, sessions: Vec::new() }],
    })
}

impl WorkshopBuilder {
    pub fn title(mut self, title: &str) -> Self {
        title.clone_into(&mut self.0.title);
        self
    }

    pub fn stage(mut self, stage: Stage) -> Self {
        self.0.stage = stage;
        self
    }

    pub fn capacity(mut self, capacity: impl Into<Option<u32>>) -> Self {
        self.0.capacity = capacity.into();
        self
    }

    pub fn no_waitlist(mut self) -> Self {
        self.0.waitlist_enabled = false;
        self
    }

    pub fn waitlist_limit(mut self, limit: u32) -> Self {
        self.0.waitlist_limit = Some(limit);
        self
    }

    pub fn window(mut self, opens_in: Option<TimeDelta>, closes_in: Option<TimeDelta>) -> Self {
        self.0.window = Window { opens_at: opens_in.map(|d| now() + d), closes_at: closes_in.map(|d| now() + d) };
        self
    }

    /// Adds a track with its own capacity.
    pub fn track(mut self, capacity: u32) -> Self {
        let name = format!("Track {}", self.0.tracks.len() + 1);
        self.0.tracks.push(NewTrack { name, capacity: Some(capacity), sessions: Vec::new() });
        self
    }

    /// Replaces the tracks. Their sessions take place at the workshop's center.
    pub fn tracks(mut self, tracks: impl IntoIterator<Item = NewTrack>) -> Self {
        self.0.tracks = tracks.into_iter().collect();
        self
    }

    pub fn description(mut self, description: &str) -> Self {
        self.0.description = Some(description.to_owned());
        self
    }

    /// Adds centers beside the one where the workshop is created.
    pub fn centers(mut self, centers: &[CenterId]) -> Self {
        self.0.centers.extend(centers);
        self
    }

    /// Adds sessions of one hour to the first track, at these times from now.
    pub fn sessions(mut self, starts_in: impl IntoIterator<Item = TimeDelta>) -> Self {
        self.0.tracks[0].sessions.extend(starts_in.into_iter().map(|starts_in| NewSession {
            id: SessionId::from_uuid(Uuid::now_v7()),
            title: "A session".to_owned(),
            starts_at: now() + starts_in,
            ends_at: now() + starts_in + TimeDelta::hours(1),
            // Replaced by the workshop's center.
            center: CenterId::from_uuid(Uuid::nil()),
            room: None,
            instructor: None,
        }));
        self
    }

    pub(crate) fn at_center(mut self, center: CenterId) -> NewWorkshop {
        self.0.centers.push(center);
        for session in self.0.tracks.iter_mut().flat_map(|track| &mut track.sessions) {
            session.center = center;
        }
        self.0
    }
}

impl Workshop {
    pub(crate) fn of(id: WorkshopId, center: CenterId, tracks: &[TrackId]) -> Self {
        let tracks = tracks.iter().map(|track| track.number()).collect();
        Self { id: id.to_string(), center: center.to_string(), tracks }
    }
}
