//! The problems that a command can return, one struct each.
//!
//! Codes and sentences marked "Documented" are those of the public API page "Register a guest to a workshop", word for
//! word. Codes from 2000 up are our own and never reused. Codes 2400–2599 are not problems: the REST API uses them for
//! HTTP errors (2000 + status).

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{RegistrationId, Timestamp, commands::register_guest::RegisterGuestRefusal};

/// A reason to refuse a command. Its `Display` is the message that clients see.
pub trait Problem: std::error::Error {
    /// The number that clients check. Several problems can share one.
    fn code(&self) -> i32;
}

macro_rules! codes {
    ($($problem:ident => $code:literal),+ $(,)?) => {
        $(const _: () = assert!($code < 2400 || $code > 2599, "codes 2400 to 2599 are HTTP errors of the REST API");

        impl Problem for $problem {
            fn code(&self) -> i32 {
                $code
            }
        })+

        /// Every problem with its code.
        pub const CODES: &[(&str, i32)] = &[$((stringify!($problem), $code)),+];
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
    ResultNotVisible => 2014,
    TooManyTracks => 2015,
    TooManySessions => 2016,
    TooManyCenters => 2017,
    ApiKeyInvalid => 2040,
}

/// Documented: required inputs are missing; it lists all of them.
#[derive(Clone, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("SessionId/Workshop Details/user id/ center id were not passed. Please check the input params.")]
pub struct MissingInput {
    /// The missing or blank inputs, in the documented order.
    pub fields: Vec<RequiredInput>,
}

/// The required inputs of a registration.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum RequiredInput {
    /// The track's number.
    Track,
    /// The guest's id.
    Guest,
    /// The center's id.
    Center,
}

/// Documented: the workshop does not exist, or the caller cannot see it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("Workshop is invalid")]
pub struct WorkshopInvalid;

/// The guest does not exist, or the caller cannot see them. Code and message are those of the documented API for a bad id.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("Invalid guest_id.")]
pub struct GuestInvalid;

/// The center does not exist or does not run the workshop.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("Invalid center_id.")]
pub struct CenterInvalid;

/// Documented: the track does not exist or belongs to another workshop.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("The track passed is not associated with the passed workshop")]
pub struct TrackNotInWorkshop;

/// Documented: the guest already has a live registration.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("Guest is already enrolled to the workshop or is on the waiting list")]
pub struct AlreadyRegistered {
    /// The live registration.
    pub registration: RegistrationId,
}

/// Why a workshop, or its waitlist, takes no registrations.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct NotOpen {
    /// The reason.
    pub reason: NotOpenReason,
    /// When the window opens; `None` is unbounded.
    pub opens_at: Option<Timestamp>,
    /// When the window closes; `None` is unbounded.
    pub closes_at: Option<Timestamp>,
}

/// The reason for which a workshop, or its waitlist, takes no registrations.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum NotOpenReason {
    /// The window has not opened.
    NotYetOpen,
    /// The window has closed.
    Closed,
    /// The workshop is cancelled.
    WorkshopCancelled,
    /// The workshop is completed.
    WorkshopCompleted,
    /// The workshop has no waitlist.
    WaitlistDisabled,
    /// The waitlist has reached its limit.
    WaitlistFull,
}

/// Documented: the waitlist takes no registrations.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("Workshop is not open for registrations, cannot add guest to waitlist")]
pub struct WaitlistNotOpen(pub NotOpen);

/// Documented: the workshop takes no registrations.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("Workshop is not open for registrations, cannot register to class")]
pub struct RegistrationNotOpen(pub NotOpen);

/// Documented: no seat is free.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("Workshop capacity exceeded, cannot register to Workshop")]
pub struct CapacityExceeded {
    /// Whether the workshop or the track is full.
    pub scope: CapacityScope,
    /// The capacity of the workshop or the track.
    pub capacity: u32,
    /// Whether the guest can join the waitlist instead.
    pub waitlist_open: bool,
}

/// An object with a capacity.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum CapacityScope {
    /// The workshop as a whole.
    Workshop,
    /// The track alone.
    Track,
}

/// The key was used within the last 24 hours with another input.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("The idempotency key was already used with a different input")]
pub struct IdempotencyKeyReused;

/// The command succeeded, now or under the same key before, and the caller cannot see the result any more.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Error, PartialEq, Serialize)]
#[error("The request succeeded, but its result is no longer visible to the caller")]
pub struct ResultNotVisible;

/// Writes problems without fields: each is its message.
macro_rules! unit_problems {
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

unit_problems! {
    /// Documented for a cancellation: the registration does not exist.
    RegistrationInvalid: "Invalid registration";
    /// Documented for a check-in and its undo: the registration does not exist.
    RegistrationIdInvalid: "The Registration Id passed is not valid";
    /// Documented: the registration or the workshop was cancelled.
    RegistrationCancelled: "The registration is canceled";
    /// Documented: the guest is on the waitlist.
    GuestWaitlisted: "User is waitlisted in the class and cannot sign in";
    /// Documented: the invoice is closed.
    RegistrationClosed: "The user status is closed";
    /// Documented for a cancellation: the invoice is closed.
    InvoiceClosed:
        "Something went wrong. Message: The invoice for the registration is closed. Please reopen the invoice and try again.";
    /// The guest was checked in.
    GuestSignedIn: "The guest is signed in";
    /// The guest was marked as a no-show.
    GuestMarkedNoShow: "The guest was marked as a no-show";
    /// The guest was not checked in.
    GuestNotSignedIn: "The guest is not signed in";
    /// The first session has not started, so no guest can be a no-show.
    WorkshopNotStarted: "The workshop has not started";
    /// The guest is not on the waitlist.
    GuestNotWaitlisted: "The guest is not on the waiting list";
    /// The API key does not exist, or it has ended and cannot be replaced.
    ApiKeyInvalid: "API key is invalid";
    /// The first session has started, so no guest is promoted.
    WorkshopStarted: "The workshop has started";
}

/// Some guests of an all-or-nothing request cannot be registered.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("Not all guests can be registered, so none was")]
pub struct RegistrationsRefused {
    /// The obstacle of each guest, in the order of the request; `None` for a guest without one.
    pub obstacles: Vec<Option<Obstacle>>,
}

/// The reason for which one of several guests cannot be registered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Obstacle {
    /// A problem of `registerGuest`.
    Refused(RegisterGuestRefusal),
    /// The guest occurs earlier in the request.
    Repeated(GuestRepeated),
}

/// The guest occurs earlier in the request.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("The same guest is named earlier in the request")]
pub struct GuestRepeated {
    /// The index of the earlier occurrence, from 0.
    pub index: usize,
}

/// The request has more guests than the limit.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("Too many guests to register in one request")]
pub struct TooManyRegistrations {
    /// The maximum number of guests in a request.
    pub limit: usize,
}
