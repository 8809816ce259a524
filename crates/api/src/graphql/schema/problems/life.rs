//! What stands in the way of a step in the life of a registration.

use async_graphql::Object;
use domain::{Problem as _, problems};

problem! {
    /// 1004: no registration has this id.
    RegistrationInvalid {}
}

problem! {
    /// 1004: no registration has this id.
    RegistrationIdInvalid {}
}

problem! {
    /// 1004: the registration was given up, or released because the workshop was cancelled.
    RegistrationCancelled {}
}

problem! {
    /// 1004: the guest waits in line and has no seat.
    GuestWaitlisted {}
}

problem! {
    /// 1004: the registration is settled.
    RegistrationClosed {}
}

problem! {
    /// 1035: the registration is settled and cannot be given up.
    InvoiceClosed {}
}

problem! {
    /// 2001: the guest has come. Undo the check-in first.
    GuestSignedIn {}
}

problem! {
    /// 2002: the guest did not come, and it is too late to give the seat up.
    GuestMarkedNoShow {}
}

problem! {
    /// 2003: the guest has not come, so there is nothing to undo.
    GuestNotSignedIn {}
}

problem! {
    /// 2004: the first session has not started, so nobody can have missed it.
    WorkshopNotStarted {}
}

problem! {
    /// 2005: the guest does not wait in line.
    GuestNotWaitlisted {}
}

problem! {
    /// 2006: the first session has started, and nobody is promoted from the line any more.
    WorkshopStarted {}
}
