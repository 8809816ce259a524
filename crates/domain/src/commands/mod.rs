//! The commands, one file each: the input, the refusals and the rule that decides.

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
pub mod update_registration_note;
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
    WorkshopAggregate, WorkshopId, access::Permission, problems::IdempotencyKeyReused,
};

/// The refusal of a command: one of its problems.
pub trait Refusal: std::error::Error {
    /// The name of the problem, for example `WorkshopInvalid`.
    fn name(&self) -> &'static str;

    /// The problem.
    fn problem(&self) -> &dyn Problem;
}

/// A command about one registration.
pub trait OnRegistration: Send + Sync + 'static {
    /// The permission that the caller needs.
    type Permission: Permission;
    /// The refusals of the command.
    type Refusal: Refusal + From<IdempotencyKeyReused> + Send;

    /// The registration; `None` if the id is malformed.
    fn registration(&self) -> Option<RegistrationId>;

    /// The refusal if the registration does not exist.
    fn no_such_registration() -> Self::Refusal;

    /// Identifies the input under an idempotency key.
    fn fingerprint(&self) -> Fingerprint;

    /// Whether the command can free a seat, so that the first registrations of the waitlist must be loaded.
    fn may_free_a_seat(&self) -> bool {
        false
    }

    /// Decides and changes the aggregate. A registration that is already in the requested state stays. Nothing is written
    /// if this changes nothing.
    fn decide(
        &self,
        id: RegistrationId,
        aggregate: &mut WorkshopAggregate,
        now: Timestamp,
    ) -> Result<(), Self::Refusal>;
}

/// An edit of an existing workshop.
pub trait OnWorkshop: Debug + Send + Sync + 'static {
    /// The refusals of the command.
    type Refusal: From<IdempotencyKeyReused> + Send;

    /// The workshop, track or session to edit; `None` if the id is malformed.
    fn subject(&self) -> Option<Subject>;

    /// The refusal if the subject does not exist.
    fn no_such_subject() -> Self::Refusal;

    /// Identifies the input under an idempotency key.
    fn fingerprint(&self) -> Fingerprint;

    /// The registrations that the rule needs.
    fn preloaded_registrations(&self) -> PreloadedRegistrations {
        PreloadedRegistrations::None
    }

    /// The centers whose existence the rule checks.
    fn centers(&self) -> Vec<CenterId> {
        Vec::new()
    }

    /// The external id that no other workshop can have.
    fn external_id(&self) -> Option<&ExternalId> {
        None
    }

    /// Decides and edits the workshop. A value that is already as requested stays.
    fn decide(&self, editable: &mut EditableWorkshop, now: Timestamp) -> Result<(), Self::Refusal>;
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

/// The registrations that an edit needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PreloadedRegistrations {
    /// No registration.
    None,
    /// The whole waitlist, because the edit can free seats.
    Waitlist,
    /// The whole waitlist and the seated registrations.
    WaitlistAndSeated,
    /// The number of registrations for the track, and the whole waitlist.
    TrackAndWaitlist,
}

/// Writes a refusal: the problems of a command, in the order of the checks.
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
