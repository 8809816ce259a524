use domain::commands::undo_check_in::{UndoCheckIn, UndoCheckInRefusal};

use super::{payload, registration_mutation};
use crate::graphql::schema::types::registration::Registration;

payload! {
    /// The registration with the check-in undone, or the problem that prevented it.
    UndoCheckInResult = Registration or UndoCheckInRefusal {
        RegistrationIdInvalid, RegistrationCancelled, GuestWaitlisted, RegistrationClosed, GuestNotSignedIn,
        IdempotencyKeyReused,
    }
}

registration_mutation! {
    /// Undoes a check-in: `SIGNED_IN` becomes `REGISTERED`, or `WORKSHOP_CANCELLED` if the workshop was cancelled.
    UndoCheckInMutation: undo_check_in = UndoCheckIn -> UndoCheckInResult
}
