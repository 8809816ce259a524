use domain::commands::promote_from_waitlist::{PromoteFromWaitlist, PromoteFromWaitlistRefusal};

use super::{payload, registration_mutation};
use crate::graphql::schema::types::registration::Registration;

payload! {
    /// The registration with its seat, or the problem that prevented it.
    PromoteFromWaitlistResult = Registration or PromoteFromWaitlistRefusal {
        RegistrationIdInvalid, GuestNotWaitlisted, WorkshopStarted, CapacityExceeded,
        IdempotencyKeyReused,
    }
}

registration_mutation! {
    /// Gives a free seat to a guest on the waitlist, ahead of the guests before them on the waitlist. Possible until the
    /// first session starts.
    PromoteFromWaitlistMutation: promote_from_waitlist = PromoteFromWaitlist -> PromoteFromWaitlistResult
}
