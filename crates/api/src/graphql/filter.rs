//! What lists can be narrowed to, as clients say it. A filter by an id that names nothing finds nothing.

use async_graphql::{ID, InputObject};
use domain::{ExternalId, TrackId};

use super::enums::{ChangeKind, RegistrationStatus, WorkshopStatus};

/// Which workshops; every field that is given must hold.
#[derive(Debug, Default, InputObject)]
pub(super) struct WorkshopFilter {
    /// In one of these states.
    status: Option<Vec<WorkshopStatus>>,
    /// Run by this center, alone or with others.
    center_id: Option<ID>,
    /// Known to the caller's own system by this id.
    external_id: Option<String>,
}

impl WorkshopFilter {
    /// The filter once its ids are read; `None` where it can find nothing.
    pub(super) fn parse(self) -> Option<persistence::WorkshopFilter> {
        Some(persistence::WorkshopFilter {
            statuses: self.status.map(|statuses| statuses.into_iter().map(Into::into).collect()),
            center: self.center_id.map(|id| id.parse()).transpose().ok()?,
            external_id: self.external_id.map(|id| ExternalId::parse(&id)).transpose().ok()?,
        })
    }
}

/// Which registrations; every field that is given must hold.
#[derive(Debug, Default, InputObject)]
pub(super) struct RegistrationFilter {
    /// In one of these states.
    status: Option<Vec<RegistrationStatus>>,
    /// To the track with this number.
    track_id: Option<i32>,
}

impl RegistrationFilter {
    /// The filter once its ids are read; `None` where it can find nothing.
    pub(super) fn parse(self) -> Option<persistence::RegistrationFilter> {
        let track = match self.track_id {
            Some(number) => Some(TrackId::new(number)?),
            None => None,
        };
        let statuses = self.status.map(|statuses| statuses.into_iter().map(Into::into).collect());
        Some(persistence::RegistrationFilter { statuses, track })
    }
}

/// Which guests; every field that is given must hold.
#[derive(Debug, Default, InputObject)]
pub(super) struct GuestFilter {
    /// At home in this center.
    home_center_id: Option<ID>,
}

impl GuestFilter {
    /// The filter once its ids are read; `None` where it can find nothing.
    pub(super) fn parse(self) -> Option<persistence::GuestFilter> {
        Some(persistence::GuestFilter { home_center: self.home_center_id.map(|id| id.parse()).transpose().ok()? })
    }
}

/// Which changes; every field that is given must hold.
#[derive(Debug, Default, InputObject)]
pub(super) struct ChangeFilter {
    /// Of one of these kinds.
    kind: Option<Vec<ChangeKind>>,
    /// At this workshop.
    workshop_id: Option<ID>,
}

impl ChangeFilter {
    /// The filter once its ids are read; `None` where it can find nothing.
    pub(super) fn parse(self) -> Option<persistence::ChangeFilter> {
        Some(persistence::ChangeFilter {
            kinds: self.kind.map(|kinds| kinds.into_iter().map(Into::into).collect()),
            workshop: self.workshop_id.map(|id| id.parse()).transpose().ok()?,
        })
    }
}
