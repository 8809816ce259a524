//! The problems, one type each: its code, its message and the data that a client needs to act on it.

use async_graphql::{Interface, Object};
use domain::{Problem as _, problems};

/// Writes the GraphQL type of a domain problem. The braces contain its fields beside `code` and `message`.
macro_rules! problem {
    ($(#[$doc:meta])* $name:ident { $($fields:tt)* }) => {
        pub(crate) struct $name(problems::$name);

        $(#[$doc])*
        #[Object]
        impl $name {
            /// The documented numeric code. Several problems can share one; `__typename` distinguishes them.
            pub(in crate::graphql) async fn code(&self) -> i32 {
                self.0.code()
            }

            /// The documented sentence.
            pub(in crate::graphql) async fn message(&self) -> String {
                self.0.to_string()
            }

            $($fields)*
        }

        impl From<problems::$name> for $name {
            fn from(problem: problems::$name) -> Self {
                Self(problem)
            }
        }
    };
}

/// The problems of creating and editing workshops, guests and centers.
mod authoring;
/// The problems of changing a registration.
mod lifecycle;
/// The problems of registering guests.
mod registering;

pub(in crate::graphql) use authoring::*;
pub(in crate::graphql) use lifecycle::*;
pub(in crate::graphql) use registering::*;

problem! {
    /// 2000: another request with this idempotency key succeeded within the last 24 hours. Use a new key.
    IdempotencyKeyReused {}
}

problem! {
    /// 2014: the request succeeded, and the caller cannot see its result any more. After a retry with an idempotency key:
    /// the first request succeeded, and the caller has lost access since. Do not send it again with another key.
    ResultNotVisible {}
}

problem! {
    /// 2040: no API key has this id, or the key has ended and cannot be replaced.
    ApiKeyInvalid {}
}

/// A reason why a request was refused. It is data, not an execution error: select it with `... on Problem`.
#[derive(Interface)]
#[graphql(
    field(
        name = "code",
        ty = "i32",
        desc = "The documented numeric code. Several problems can share one; `__typename` distinguishes them."
    ),
    field(name = "message", ty = "String", desc = "The documented sentence.")
)]
pub(crate) enum Problem {
    MissingInput(MissingInput),
    WorkshopInvalid(WorkshopInvalid),
    GuestInvalid(GuestInvalid),
    CenterInvalid(CenterInvalid),
    TrackNotInWorkshop(TrackNotInWorkshop),
    AlreadyRegistered(AlreadyRegistered),
    RegistrationNotOpen(RegistrationNotOpen),
    WaitlistNotOpen(WaitlistNotOpen),
    CapacityExceeded(CapacityExceeded),
    IdempotencyKeyReused(IdempotencyKeyReused),
    ResultNotVisible(ResultNotVisible),
    RegistrationInvalid(RegistrationInvalid),
    RegistrationIdInvalid(RegistrationIdInvalid),
    RegistrationCancelled(RegistrationCancelled),
    GuestWaitlisted(GuestWaitlisted),
    RegistrationClosed(RegistrationClosed),
    InvoiceClosed(InvoiceClosed),
    GuestSignedIn(GuestSignedIn),
    GuestMarkedNoShow(GuestMarkedNoShow),
    GuestNotSignedIn(GuestNotSignedIn),
    WorkshopNotStarted(WorkshopNotStarted),
    GuestNotWaitlisted(GuestNotWaitlisted),
    WorkshopStarted(WorkshopStarted),
    RegistrationsRefused(RegistrationsRefused),
    TooManyRegistrations(TooManyRegistrations),
    GuestRepeated(GuestRepeated),
    VersionConflict(VersionConflict),
    CapacityBelowTaken(CapacityBelowTaken),
    WindowInvalid(WindowInvalid),
    SessionTimesInvalid(SessionTimesInvalid),
    TrackHasRegistrations(TrackHasRegistrations),
    WorkshopNotPublishable(WorkshopNotPublishable),
    WorkshopNotEditable(WorkshopNotEditable),
    TrackInvalid(TrackInvalid),
    SessionInvalid(SessionInvalid),
    InputInvalid(InputInvalid),
    ExternalIdTaken(ExternalIdTaken),
    TooManyGuests(TooManyGuests),
    TooManyTracks(TooManyTracks),
    TooManySessions(TooManySessions),
    TooManyCenters(TooManyCenters),
    ExternalIdRepeated(ExternalIdRepeated),
    ApiKeyInvalid(ApiKeyInvalid),
}
