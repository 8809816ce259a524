//! The facts that stand in the way of a command, one struct each.
//!
//! Codes and sentences marked "documented" are those of the public API page "Register a guest to a workshop",
//! word for word. Codes from 2000 up are our own, given once and never reused. Those from 2400 to 2599 are no problem's: the
//! HTTP call tells by them what is none, as 2000 and the HTTP status.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{RegistrationId, Timestamp, commands::register_guest::RegisterGuestRefusal};

/// A reason to refuse: its `Display` is the sentence a client sees.
pub trait Problem: std::error::Error {
    /// The number clients branch on. Several problems may share one.
    fn code(&self) -> i32;
}

macro_rules! codes {
    ($($problem:ident => $code:literal),+ $(,)?) => {
        $(const _: () = assert!($code < 2400 || $code > 2599, "these are of the HTTP call");

        impl Problem for $problem {
            fn code(&self) -> i32 {
                $code
            }
        })+
    };
}

codes! {
    MissingInput => 1004,
    WorkshopInvalid => 1001,
    GuestInvalid => 502,
    CenterInvalid => 502,
    TrackNotInWorkshop => 502,
    AlreadyRegistered => 1010,
    WaitlistNotOpen => 1009,
    RegistrationNotOpen => 1009,
    CapacityExceeded => 1011,
    RegistrationInvalid => 1004,
    RegistrationIdInvalid => 1004,
    RegistrationCancelled => 1004,
    GuestWaitlisted => 1004,
    RegistrationClosed => 1004,
    InvoiceClosed => 1035,
    IdempotencyKeyReused => 2000,
    GuestSignedIn => 2001,
    GuestMarkedNoShow => 2002,
    GuestNotSignedIn => 2003,
    WorkshopNotStarted => 2004,
    GuestNotWaitlisted => 2005,
    WorkshopStarted => 2006,
    RegistrationsRefused => 2007,
    TooManyRegistrations => 2008,
    GuestRepeated => 2009,
    VersionConflict => 2031,
    CapacityBelowTaken => 2032,
    WindowInvalid => 2033,
    SessionTimesInvalid => 2034,
    TrackHasRegistrations => 2035,
    WorkshopNotPublishable => 2036,
    WorkshopNotEditable => 2037,
    TrackInvalid => 2038,
    SessionInvalid => 2039,
    InputInvalid => 2010,
    ExternalIdTaken => 2011,
    TooManyGuests => 2012,
    ExternalIdRepeated => 2013,
    ApiKeyInvalid => 2040,
}

/// Documented: the body's parameters were not passed. Names all that are missing at once.
#[derive(Clone, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("SessionId/Workshop Details/user id/ center id were not passed. Please check the input params.")]
pub struct MissingInput {
    /// What is missing or blank, in the documented order.
    pub fields: Vec<RequiredInput>,
}

/// The inputs without which nobody can be registered.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum RequiredInput {
    /// The track's number.
    Track,
    /// The guest's id.
    Guest,
    /// The center's id.
    Center,
}

/// Documented: no such workshop, or none that the caller may know of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("Workshop is invalid")]
pub struct WorkshopInvalid;

/// No such guest; code and sentence are those the documented API uses for a bad reference.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("Invalid guest_id.")]
pub struct GuestInvalid;

/// No such center, or one that does not run the workshop.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("Invalid center_id.")]
pub struct CenterInvalid;

/// Documented: the track is another workshop's, or nobody's.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("The track passed is not associated with the passed workshop")]
pub struct TrackNotInWorkshop;

/// Documented: the guest has a live registration already.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("Guest is already enrolled to the workshop or is on the waiting list")]
pub struct AlreadyRegistered {
    /// The live registration.
    pub registration: RegistrationId,
}

/// Why a workshop, or its line, takes nobody now.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct NotOpen {
    /// What is in the way.
    pub reason: NotOpenReason,
    /// When the window opens or opened; `None` is an open end.
    pub opens_at: Option<Timestamp>,
    /// When the window closes or closed; `None` is an open end.
    pub closes_at: Option<Timestamp>,
}

/// What keeps a workshop, or its line, from taking anybody.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum NotOpenReason {
    /// The window has not opened.
    NotYetOpen,
    /// The window has closed.
    Closed,
    /// The workshop was called off.
    WorkshopCancelled,
    /// The workshop is over.
    WorkshopCompleted,
    /// The workshop keeps no line.
    WaitlistDisabled,
    /// The line has reached its limit.
    WaitlistFull,
}

/// Documented: not open, and the guest asked for the waitlist.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("Workshop is not open for registrations, cannot add guest to waitlist")]
pub struct WaitlistNotOpen(pub NotOpen);

/// Documented: not open, and the guest asked for a seat.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("Workshop is not open for registrations, cannot register to class")]
pub struct RegistrationNotOpen(pub NotOpen);

/// Documented: every seat is taken.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("Workshop capacity exceeded, cannot register to Workshop")]
pub struct CapacityExceeded {
    /// What is full.
    pub scope: CapacityScope,
    /// Its seats in all.
    pub capacity: u32,
    /// Whether the same request for the waitlist would be accepted.
    pub waitlist_open: bool,
}

/// What has a capacity.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum CapacityScope {
    /// The workshop as a whole.
    Workshop,
    /// The track alone.
    Track,
}

/// The key was used before, within its 24 hours, for something else.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("The idempotency key was already used with a different input")]
pub struct IdempotencyKeyReused;

/// Writes problems that are told by their sentence alone.
macro_rules! plain {
    ($($(#[$doc:meta])* $problem:ident: $sentence:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
            #[error($sentence)]
            pub struct $problem;
        )+
    };
}

mod authoring;

pub use authoring::*;

plain! {
    /// Documented for a cancellation: no such registration.
    RegistrationInvalid: "Invalid registration";
    /// Documented for a check-in and its undoing: no such registration.
    RegistrationIdInvalid: "The Registration Id passed is not valid";
    /// Documented: the registration was given up, or released.
    RegistrationCancelled: "The registration is canceled";
    /// Documented: the guest has no seat yet.
    GuestWaitlisted: "User is waitlisted in the class and cannot sign in";
    /// Documented: the registration is settled.
    RegistrationClosed: "The user status is closed";
    /// Documented for a cancellation: the registration is settled.
    InvoiceClosed:
        "Something went wrong. Message: The invoice for the registration is closed. Please reopen the invoice and try again.";
    /// The guest has come.
    GuestSignedIn: "The guest is signed in";
    /// The guest did not come.
    GuestMarkedNoShow: "The guest was marked as a no-show";
    /// The guest has not come, so there is nothing to undo.
    GuestNotSignedIn: "The guest is not signed in";
    /// Nobody can have missed it yet.
    WorkshopNotStarted: "The workshop has not started";
    /// The guest does not wait.
    GuestNotWaitlisted: "The guest is not on the waiting list";
    /// No such API key, or one that has ended and cannot be replaced.
    ApiKeyInvalid: "API key is invalid";
    /// Nobody is promoted from the line any more.
    WorkshopStarted: "The workshop has started";
}

/// Of guests who are to be registered all or none, some cannot be.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("Not all guests can be registered, so none was")]
pub struct RegistrationsRefused {
    /// What stands in the way of each, in their order; `None` for a guest in whose way nothing stands.
    pub obstacles: Vec<Option<Obstacle>>,
}

/// What stands in the way of one of many guests.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Obstacle {
    /// What stands in the way of anybody who registers alone.
    Refused(RegisterGuestRefusal),
    /// The same guest is named before.
    Repeated(GuestRepeated),
}

/// A guest who is to be registered twice by one request.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("The same guest is named earlier in the request")]
pub struct GuestRepeated {
    /// The number of the earlier one, from 0.
    pub index: usize,
}

/// More registrations than one request may ask for.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("Too many guests to register in one request")]
pub struct TooManyRegistrations {
    /// The most.
    pub limit: usize,
}
