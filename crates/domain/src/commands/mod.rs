//! What can be asked for, one file a command: the question, its refusals, and the rule that decides.

pub mod add_session;
pub mod add_track;
pub mod cancel_registration;
pub mod cancel_session;
pub mod cancel_workshop;
pub mod change_track;
pub mod check_in_guest;
pub mod create_workshop;
pub mod mark_no_show;
pub mod promote_from_waitlist;
pub mod publish_workshop;
pub mod register_guest;
pub mod register_guests;
pub mod remove_track;
pub mod undo_check_in;
pub mod update_session;
pub mod update_track;
pub mod update_workshop;

pub mod create_api_key;
pub mod create_center;
pub mod create_guest;
pub mod import_guests;
pub mod revoke_api_key;
pub mod rotate_api_key;
pub mod update_center;
pub mod update_guest;

mod targets;

#[cfg(test)]
mod fingerprint_tests;
#[cfg(test)]
mod on_registration_tests;

use std::fmt::Debug;

use crate::{
    CenterId, EditableWorkshop, ExternalId, Fingerprint, Problem, RegistrationId, SessionId, Timestamp, TrackId,
    Transition, WorkshopAggregate, WorkshopId, access::Permission, problems::IdempotencyKeyReused,
};

/// Why a command is refused: one of the problems that it can meet.
pub trait Refusal: std::error::Error {
    /// What the problem is called, for example `WorkshopInvalid`.
    fn name(&self) -> &'static str;

    /// The problem.
    fn problem(&self) -> &dyn Problem;
}

/// A command about one registration.
pub trait OnRegistration: Send + Sync + 'static {
    /// Whose business it is.
    type Permission: Permission;
    /// Why it is refused.
    type Refusal: Refusal + From<IdempotencyKeyReused> + Send;

    /// The registration; `None` for an id that was malformed and names nothing.
    fn registration(&self) -> Option<RegistrationId>;

    /// The refusal when there is no such registration.
    fn no_such_registration() -> Self::Refusal;

    /// Tells this command from another one under the same idempotency key.
    fn fingerprint(&self) -> Fingerprint;

    /// Whether it may free a seat, so that the head of the line has to be at hand.
    fn may_free_a_seat(&self) -> bool {
        false
    }

    /// Decides, and notes the outcome on the aggregate. No transition: everything is as it was asked for already.
    fn decide(
        &self,
        id: RegistrationId,
        aggregate: &mut WorkshopAggregate,
        now: Timestamp,
    ) -> Result<Vec<Transition>, Self::Refusal>;
}

/// An edit of a workshop that is there.
pub trait OnWorkshop: Debug + Send + Sync + 'static {
    /// Why it is refused.
    type Refusal: From<IdempotencyKeyReused> + Send;

    /// What is to be edited; `None` for an id that was malformed and names nothing.
    fn subject(&self) -> Option<Subject>;

    /// The refusal when it is not there.
    fn no_such_subject() -> Self::Refusal;

    /// Tells this edit from another one under the same idempotency key.
    fn fingerprint(&self) -> Fingerprint;

    /// Whose registrations have to be at hand.
    fn preloaded_registrations(&self) -> PreloadedRegistrations {
        PreloadedRegistrations::None
    }

    /// The centers of which the rule has to know whether they exist.
    fn centers(&self) -> Vec<CenterId> {
        Vec::new()
    }

    /// The external id of which the rule has to know whether another workshop has it.
    fn external_id(&self) -> Option<&ExternalId> {
        None
    }

    /// Decides, and edits the editable. What is as it was asked for already is left as it is.
    fn decide(&self, editable: &mut EditableWorkshop, now: Timestamp) -> Result<Vec<Transition>, Self::Refusal>;
}

/// A workshop, or a part of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Subject {
    /// The workshop as a whole.
    Workshop(WorkshopId),
    /// A track.
    Track(TrackId),
    /// A session.
    Session(SessionId),
}

/// Whose registrations an edit has to know of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PreloadedRegistrations {
    /// Those of nobody.
    None,
    /// Those of all who wait, for seats may become free.
    Waitlist,
    /// Those of all who wait or hold a seat and have not come.
    WaitlistAndSeated,
    /// How many there are on the track, and those of all who wait.
    TrackAndWaitlist,
}

/// Writes a refusal: the problems a command can meet, in the order in which they are looked for.
macro_rules! refusal {
    ($(#[$attribute:meta])* $name:ident { $($problem:ident),+ $(,)? }) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
        #[error(transparent)]
        #[expect(missing_docs, reason = "each variant is the problem it names")]
        pub enum $name {
            $($problem(#[from] $crate::problems::$problem)),+
        }

        impl $crate::commands::Refusal for $name {
            fn name(&self) -> &'static str {
                match self {
                    $(Self::$problem(_) => stringify!($problem)),+
                }
            }

            fn problem(&self) -> &dyn $crate::Problem {
                match self {
                    $(Self::$problem(problem) => problem),+
                }
            }
        }
    };
}
pub(crate) use refusal;
