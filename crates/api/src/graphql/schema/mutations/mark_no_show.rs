use domain::commands::mark_no_show::{MarkNoShow, MarkNoShowRefusal};

use super::{payload, registration_mutation};
use crate::graphql::schema::types::registration::Registration;

payload! {
    /// The registration as `NO_SHOW`, or the problem that prevented it.
    MarkNoShowResult = Registration or MarkNoShowRefusal {
        RegistrationIdInvalid, RegistrationCancelled, GuestWaitlisted, RegistrationClosed, GuestSignedIn, WorkshopNotStarted,
        IdempotencyKeyReused,
    }
}

registration_mutation! {
    /// Marks a guest who did not come as a no-show, once the workshop has started: `REGISTERED` becomes `NO_SHOW` and
    /// keeps its seat. Marking twice has the same effect as marking once. `checkInGuest` reverts it if the guest
    /// arrives later.
    MarkNoShowMutation: mark_no_show = MarkNoShow -> MarkNoShowResult
}
