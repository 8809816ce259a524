//! What can be asked for, one file a command: the question, its refusals, and the rule that decides.

pub mod cancel_registration;
pub mod change_track;
pub mod check_in_guest;
pub mod mark_no_show;
pub mod promote_from_waitlist;
pub mod register_guest;
pub mod register_guests;
pub mod undo_check_in;

pub mod create_center;
pub mod create_guest;
pub mod import_guests;
pub mod update_center;
pub mod update_guest;

#[cfg(test)]
mod on_registration_tests;

use crate::{Desk, Fingerprint, RegistrationId, Timestamp, Transition, problems::IdempotencyKeyReused};

/// A command about one registration.
pub trait OnRegistration: Send + Sync + 'static {
    /// Why it is refused.
    type Refusal: From<IdempotencyKeyReused> + Send;

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

    /// Decides, and notes the outcome on the desk. No transition: everything is as it was asked for already.
    fn decide(&self, id: RegistrationId, desk: &mut Desk, now: Timestamp) -> Result<Vec<Transition>, Self::Refusal>;
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
    };
}
pub(crate) use refusal;

/// An id as it goes into a fingerprint. What names nothing is refused before anything is kept under a key.
fn shown(registration: Option<RegistrationId>) -> String {
    registration.map(|id| id.to_string()).unwrap_or_default()
}
