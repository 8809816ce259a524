use domain::commands::mark_no_show::{MarkNoShow, MarkNoShowRefusal};

use super::{payload, registration_mutation};
use crate::graphql::schema::types::registration::Registration;

payload! {
    /// The registration, marked as a no-show, or the problem that stands in the way.
    MarkNoShowResult = Registration or MarkNoShowRefusal {
        RegistrationIdInvalid, RegistrationCancelled, GuestWaitlisted, RegistrationClosed, GuestSignedIn, WorkshopNotStarted,
        IdempotencyKeyReused,
    }
}

registration_mutation! {
    /// Notes, once the workshop has started, that a guest did not come: `REGISTERED` becomes `NO_SHOW` and keeps its seat.
    /// Doing it twice is the same as doing it once; `checkInGuest` takes it back should the guest arrive after all.
    MarkNoShowMutation: mark_no_show = MarkNoShow -> MarkNoShowResult
}
