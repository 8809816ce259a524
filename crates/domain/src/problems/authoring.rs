//! What stands in the way of what authors and front aggregates write.

use std::fmt::Display;

use thiserror::Error;

use super::CapacityScope;

/// Somebody else made an edit since the caller looked.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("The workshop was edited meanwhile")]
pub struct VersionConflict {
    /// The version it has now.
    pub current_version: i32,
}

/// More seats are taken than would be left.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("The capacity is below the seats that are taken")]
pub struct CapacityBelowTaken {
    /// Whose capacity.
    pub scope: CapacityScope,
    /// The seats that are held by somebody.
    pub seats_taken: u32,
}

/// Rows refer to the track, cancelled ones too, so it stays.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("Guests have registered to the track, so it cannot be removed")]
pub struct TrackHasRegistrations {
    /// How many of their registrations are live.
    pub live_registrations: u32,
}

/// Guests could not register to it.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("A published workshop has at least one track and one center")]
pub struct WorkshopNotPublishable {
    /// What there would be none of.
    pub missing: Vec<PublishingNeed>,
}

/// Without which a workshop is not for guests.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PublishingNeed {
    /// At least one track.
    Track,
    /// At least one center.
    Center,
}

plain! {
    /// The registration window is over before it begins.
    WindowInvalid: "The registration window closes before it opens";
    /// The session is over before it begins.
    SessionTimesInvalid: "The session ends before it starts";
    /// It was called off, or is over.
    WorkshopNotEditable: "The workshop is cancelled or completed and cannot be edited";
    /// No such track.
    TrackInvalid: "Track is invalid";
    /// No such session, or one that was called off.
    SessionInvalid: "Session is invalid";
}

/// Something that a client wrote cannot be. Names all that is wrong at once.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("The input is not valid")]
pub struct InputInvalid {
    /// What is wrong, in the order of the input's fields.
    pub fields: Vec<InputProblem>,
}

/// What is wrong with a field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InputProblem {
    /// The field, as clients write it, with the way to it: `tracks[0].name`.
    pub field: String,
    /// A sentence for a person.
    pub message: String,
}

impl InputInvalid {
    /// An input with one invalid field.
    pub fn for_field(field: &str, message: impl Display) -> Self {
        Self { fields: vec![InputProblem { field: field.to_owned(), message: message.to_string() }] }
    }
}

/// Another thing of the kind has the external id.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("The external id is already in use")]
pub struct ExternalIdTaken;

/// An import is larger than one transaction should be.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("There are too many guests in one call")]
pub struct TooManyGuests {
    /// The most there can be.
    pub limit: usize,
}

/// An import says two things of one guest.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("An earlier row has the same external id")]
pub struct ExternalIdRepeated {
    /// The number of the earlier row, from 0.
    pub row: usize,
}
