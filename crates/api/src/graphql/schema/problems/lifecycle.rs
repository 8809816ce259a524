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
    /// 1004: the registration was cancelled, or released because the workshop was cancelled.
    RegistrationCancelled {}
}

problem! {
    /// 1004: the guest is on the waitlist and holds no seat.
    GuestWaitlisted {}
}

problem! {
    /// 1004: the registration is settled.
    RegistrationClosed {}
}

problem! {
    /// 1035: the registration is settled and cannot be cancelled.
    InvoiceClosed {}
}

problem! {
    /// 2001: the guest is checked in. Undo the check-in first.
    GuestSignedIn {}
}

problem! {
    /// 2002: the guest is marked as a no-show, so the registration cannot be cancelled.
    GuestMarkedNoShow {}
}

problem! {
    /// 2003: the guest is not checked in, so no check-in can be undone.
    GuestNotSignedIn {}
}

problem! {
    /// 2004: the first session has not started, so no guest can be a no-show yet.
    WorkshopNotStarted {}
}

problem! {
    /// 2005: the guest is not on the waitlist.
    GuestNotWaitlisted {}
}

problem! {
    /// 2006: the first session has started, so guests are no longer promoted.
    WorkshopStarted {}
}
