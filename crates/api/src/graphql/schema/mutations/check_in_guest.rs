use domain::commands::check_in_guest::{CheckInGuest, CheckInGuestRefusal};

use super::{payload, registration_mutation};
use crate::graphql::schema::types::registration::Registration;

payload! {
    /// The registration, signed in, or the problem that stands in the way.
    CheckInGuestResult = Registration or CheckInGuestRefusal {
        RegistrationIdInvalid, RegistrationCancelled, GuestWaitlisted, RegistrationClosed,
        IdempotencyKeyReused,
    }
}

registration_mutation! {
    /// Notes that a guest has come: `REGISTERED` or `NO_SHOW` becomes `SIGNED_IN`. Doing it twice is the same as doing it once.
    CheckInGuestMutation: check_in_guest = CheckInGuest -> CheckInGuestResult
}
