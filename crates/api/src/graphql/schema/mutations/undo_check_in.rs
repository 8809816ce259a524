use domain::commands::undo_check_in::{UndoCheckIn, UndoCheckInRefusal};

use super::{payload, registration_mutation};
use crate::graphql::schema::types::registration::Registration;

payload! {
    /// The registration, registered again, or the problem that stands in the way.
    UndoCheckInResult = Registration or UndoCheckInRefusal {
        RegistrationIdInvalid, RegistrationCancelled, GuestWaitlisted, RegistrationClosed, GuestNotSignedIn,
        IdempotencyKeyReused,
    }
}

registration_mutation! {
    /// Takes a check-in back: `SIGNED_IN` becomes `REGISTERED`, or `WORKSHOP_CANCELLED` at a workshop that was
    /// cancelled.
    UndoCheckInMutation: undo_check_in = UndoCheckIn -> UndoCheckInResult
}
