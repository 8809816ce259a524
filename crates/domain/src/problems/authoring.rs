//! The problems of edits of workshops, guests and centers.

use std::fmt::Display;

use thiserror::Error;

use super::CapacityScope;

/// The workshop has another version than the caller expected.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("The workshop was edited meanwhile")]
pub struct VersionConflict {
    /// The current version.
    pub current_version: i32,
}

/// The new capacity is below the taken seats.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("The capacity is below the seats that are taken")]
pub struct CapacityBelowTaken {
    /// Whether the workshop or the track is too small.
    pub scope: CapacityScope,
    /// The taken seats.
    pub seats_taken: u32,
}

/// The track has registrations. Cancelled ones count too: their rows refer to the track.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("Guests have registered to the track, so it cannot be removed")]
pub struct TrackHasRegistrations {
    /// The number of live registrations that the caller sees.
    pub live_registrations: u32,
}

/// Guests cannot register for a workshop without a track or a center.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("A published workshop has at least one track and one center")]
pub struct WorkshopNotPublishable {
    /// The missing parts.
    pub missing: Vec<PublishingNeed>,
}

/// A part that a published workshop has at least once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PublishingNeed {
    /// At least one track.
    Track,
    /// At least one center.
    Center,
}

unit_problems! {
    /// The registration window closes before it opens, or at the same instant.
    WindowInvalid: "The registration window closes before it opens";
    /// The session ends before it starts, or at the same instant.
    SessionTimesInvalid: "The session ends before it starts";
    /// The workshop is cancelled or completed.
    WorkshopNotEditable: "The workshop is cancelled or completed and cannot be edited";
    /// The track does not exist.
    TrackInvalid: "Track is invalid";
    /// The session does not exist or is cancelled.
    SessionInvalid: "Session is invalid";
}

/// The input has invalid fields; it lists all of them.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("The input is not valid")]
pub struct InputInvalid {
    /// The invalid fields, in the order of the input.
    pub fields: Vec<InputProblem>,
}

/// A problem of a field of an input.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InputProblem {
    /// The path of the field in the input: `tracks[0].name`.
    pub field: String,
    /// The rule that the field breaks, as a sentence for people.
    pub message: String,
}

impl InputInvalid {
    /// An input with one invalid field.
    pub fn for_field(field: &str, message: impl Display) -> Self {
        Self { fields: vec![InputProblem { field: field.to_owned(), message: message.to_string() }] }
    }
}

/// Another workshop, guest or center has the external id.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("The external id is already in use")]
pub struct ExternalIdTaken;

/// The import has more guests than one transaction allows.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("There are too many guests in one call")]
pub struct TooManyGuests {
    /// The maximum number of guests in an import.
    pub limit: usize,
}

/// The workshop would have more tracks than a response can list.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("The workshop would have too many tracks")]
pub struct TooManyTracks {
    /// The maximum number of tracks of a workshop.
    pub limit: usize,
}

/// The track would have more sessions than a response can list. Cancelled ones count too: lists contain them.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("The track would have too many sessions")]
pub struct TooManySessions {
    /// The maximum number of sessions of a track.
    pub limit: usize,
}

/// The workshop would have more centers than a response can list.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("The workshop would have too many centers")]
pub struct TooManyCenters {
    /// The maximum number of centers of a workshop.
    pub limit: usize,
}

/// Two rows of an import have the same external id.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("An earlier row has the same external id")]
pub struct ExternalIdRepeated {
    /// The index of the earlier row, from 0.
    pub row: usize,
}
