//! The GraphQL enums, with a description of each value.

use async_graphql::{Enum, resolver_utils::EnumType};

/// Writes the GraphQL enum of a domain enum. A missing value fails the build.
macro_rules! same_enum {
    ($(#[$doc:meta])* $name:ident = $domain:literal { $($(#[$member_doc:meta])* $member:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, async_graphql::Enum, Eq, PartialEq)]
        #[graphql(remote = $domain)]
        pub(crate) enum $name {
            $($(#[$member_doc])* $member),+
        }
    };
}
pub(in crate::graphql) use same_enum;

/// Returns the GraphQL name of an enum value.
pub(crate) fn word<E: EnumType>(member: impl Into<E>) -> &'static str {
    let member = member.into();
    // Every value has a name.
    E::items().iter().find(|item| item.value == member).map_or("", |item| item.name)
}

/// Returns the GraphQL names of all values of an enum.
pub(crate) fn words<E: EnumType>() -> impl Iterator<Item = &'static str> {
    E::items().iter().map(|item| item.name)
}

same_enum! {
    /// The state of a workshop.
    WorkshopStatus = "domain::WorkshopStatus" {
        /// Not published yet. Guests cannot register: the problem is `WorkshopInvalid`.
        Draft,
        /// Published. Guests can register while the registration window is open.
        Published,
        /// The workshop was cancelled.
        Cancelled,
        /// The last session has ended.
        Completed,
    }
}

same_enum! {
    /// How guests can register to a workshop now. A full track can still refuse a guest.
    RegistrationState = "domain::RegistrationState" {
        /// The registration window has not opened, or the workshop is a draft.
        NotYetOpen,
        /// A seat is free.
        Open,
        /// No seat is free; the waitlist takes guests.
        WaitlistOnly,
        /// No seat is free, and the waitlist takes no guests.
        Full,
        /// The registration window has closed, or the workshop is cancelled or completed.
        Closed,
    }
}

same_enum! {
    /// The state of a registration. Each state has a documented number. The documented numbers 5 (Substituted), 8
    /// (Enrolled) and 9 (Rejected) are reserved and never returned.
    RegistrationStatus = "domain::RegistrationStatus" {
        /// The guest holds a seat. Documented number 0.
        Registered,
        /// The guest is on the waitlist. Documented number 4.
        Waitlisted,
        /// The guest checked in and holds a seat. Documented number 3.
        SignedIn,
        /// The guest held a seat and did not come. Documented number 2.
        NoShow,
        /// The registration was cancelled. Documented number 1.
        Cancelled,
        /// The registration was settled; this state is final. Documented number 7. No operation settles a registration
        /// yet.
        Closed,
        /// The registration was released because the workshop was cancelled. Documented number 6.
        WorkshopCancelled,
    }
}

same_enum! {
    /// The kind of a change to a registration.
    ChangeKind = "domain::ChangeKind" {
        /// The guest registered and got a seat.
        Registered,
        /// The guest joined the waitlist.
        Waitlisted,
        /// The guest got a seat from the waitlist.
        Promoted,
        /// The guest checked in.
        CheckedIn,
        /// The check-in was undone.
        CheckInUndone,
        /// The guest held a seat and did not come.
        MarkedNoShow,
        /// The registration moved to another track.
        TrackChanged,
        /// The note was changed. The status stays.
        NoteUpdated,
        /// The registration was cancelled.
        Cancelled,
        /// The registration was released because the workshop was cancelled.
        WorkshopCancelled,
        /// The registration was settled.
        Closed,
    }
}

/// The state of a session.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
pub(crate) enum SessionStatus {
    /// The session has not started.
    Upcoming,
    /// The session has started and has not ended.
    InProgress,
    /// The session has ended.
    Completed,
    /// The session was cancelled.
    Cancelled,
}

same_enum! {
    /// The role of a caller.
    Role = "domain::access::Role" {
        /// Administers the installation: every operation, at all centers.
        Admin,
        /// Works at some centers: every operation that concerns them.
        Staff,
        /// Another system: the operations that its scopes allow, at some centers or all of them.
        Partner,
        /// A guest who acts for themselves.
        Guest,
        /// A caller without credentials: published data only.
        Public,
    }
}

same_enum! {
    /// A permission of a PARTNER.
    Scope = "domain::access::Scope" {
        /// Reads guests, with email address and phone number.
        GuestsRead,
        /// Creates, updates and reads guests.
        GuestsWrite,
        /// Reads registrations with their guests, the journal and the statistics.
        RegistrationsRead,
        /// Registers guests, cancels registrations and checks guests in; reads registrations with their guests.
        RegistrationsWrite,
        /// Creates and updates workshops; reads drafts.
        WorkshopsWrite,
    }
}

/// The state of an API key.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
pub(crate) enum ApiKeyState {
    /// The key can be used.
    Active,
    /// The key has expired.
    Expired,
    /// The key was revoked.
    Revoked,
}

/// Whether a workshop is upcoming or past.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
#[graphql(name = "UpcomingOrPast", remote = "persistence::When")]
pub(crate) enum When {
    /// The last session has not ended, or the workshop has no sessions yet.
    Upcoming,
    /// The last session has ended.
    Past,
}

/// The direction of an order.
#[derive(Clone, Copy, Debug, Default, Enum, Eq, PartialEq)]
#[graphql(remote = "persistence::Direction")]
pub(crate) enum OrderDirection {
    /// Ascending; entries without a value come last.
    #[default]
    #[graphql(name = "ASC")]
    Ascending,
    /// Descending; entries without a value come first.
    #[graphql(name = "DESC")]
    Descending,
}
