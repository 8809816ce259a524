use domain::commands::check_in_guest::{CheckInGuest, CheckInGuestRefusal};

use super::{payload, registration_mutation};
use crate::graphql::schema::types::registration::Registration;

payload! {
    /// The registration as `SIGNED_IN`, or the problem that prevented it.
    CheckInGuestResult = Registration or CheckInGuestRefusal {
        RegistrationIdInvalid, RegistrationCancelled, GuestWaitlisted, RegistrationClosed,
        IdempotencyKeyReused,
    }
}

registration_mutation! {
    /// Checks a guest in: `REGISTERED` or `NO_SHOW` becomes `SIGNED_IN`. Checking in twice has the same effect as
    /// checking in once.
    CheckInGuestMutation: check_in_guest = CheckInGuest -> CheckInGuestResult
}
