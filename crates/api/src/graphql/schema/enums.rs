//! The closed sets, with every member described for clients.

use async_graphql::{Enum, resolver_utils::EnumType};

/// Writes the GraphQL enum of a closed set of the domain; the build fails when a member is forgotten.
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

/// The word for a member of a set.
pub(crate) fn word<E: EnumType>(member: impl Into<E>) -> &'static str {
    let member = member.into();
    // Every member has one.
    E::items().iter().find(|item| item.value == member).map_or("", |item| item.name)
}

/// The words for all members of a set.
pub(crate) fn words<E: EnumType>() -> impl Iterator<Item = &'static str> {
    E::items().iter().map(|item| item.name)
}

same_enum! {
    /// What a workshop is now.
    WorkshopStatus = "domain::WorkshopStatus" {
        /// Being written; guests cannot register to it, and are told that it is invalid.
        Draft,
        /// Visible; it takes registrations while its window is open.
        Published,
        /// Called off.
        Cancelled,
        /// Its last session has ended.
        Completed,
    }
}

same_enum! {
    /// What a guest can do now, as far as the workshop as a whole decides it.
    RegistrationState = "domain::RegistrationState" {
        /// The window has not opened, or the workshop is still a draft.
        NotYetOpen,
        /// There is a seat.
        Open,
        /// No seat, but a place in line.
        WaitlistOnly,
        /// Neither a seat nor a place in line.
        Full,
        /// The window has closed, or the workshop is cancelled or over.
        Closed,
    }
}

same_enum! {
    /// What became of a registration. The documented `RegistrationStatus` numbers stand behind the names; the
    /// documented 5 (Substituted), 8 (Enrolled) and 9 (Rejected) are reserved and not produced.
    RegistrationStatus = "domain::RegistrationStatus" {
        /// Holds a seat. Documented number 0.
        Registered,
        /// Waits in line for a seat. Documented number 4.
        Waitlisted,
        /// Came; holds a seat. Documented number 3.
        SignedIn,
        /// Held a seat and did not come. Documented number 2.
        NoShow,
        /// Given up by the guest or for the guest. Documented number 1.
        Cancelled,
        /// Settled; nothing leaves this state. Documented number 7. No operation settles a registration yet.
        Closed,
        /// Released because the workshop was cancelled. Documented number 6.
        WorkshopCancelled,
    }
}

same_enum! {
    /// What happened to a registration.
    ChangeKind = "domain::ChangeKind" {
        /// It began with a seat.
        Registered,
        /// It began with a place in line.
        Waitlisted,
        /// It got a seat from the line.
        Promoted,
        /// The guest came.
        CheckedIn,
        /// The guest had not come after all.
        CheckInUndone,
        /// The guest held a seat and did not come.
        MarkedNoShow,
        /// The guest went to another track.
        TrackChanged,
        /// The staff changed the note. The status stays.
        NoteUpdated,
        /// It was given up.
        Cancelled,
        /// It was released because the workshop was cancelled.
        WorkshopCancelled,
        /// It was settled.
        Closed,
    }
}

/// What a session is now.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
pub(crate) enum SessionStatus {
    /// Has not started.
    Upcoming,
    /// Has started and has not ended.
    InProgress,
    /// Has ended.
    Completed,
    /// Called off.
    Cancelled,
}

same_enum! {
    /// As what somebody calls.
    Role = "domain::access::Role" {
        /// Runs the installation: everything, everywhere.
        Admin,
        /// Works at some centers: everything that is of these.
        Staff,
        /// Another system: what its scopes say, at some centers or everywhere.
        Partner,
        /// A guest, on their own behalf.
        Guest,
        /// Anybody: what is published.
        Public,
    }
}

same_enum! {
    /// What a PARTNER may do.
    Scope = "domain::access::Scope" {
        /// See guests, with mail address and telephone number.
        GuestsRead,
        /// Enter and change guests, and see them.
        GuestsWrite,
        /// See registrations, with their guests, the journal and the statistics.
        RegistrationsRead,
        /// Register, cancel and check in, and see registrations with their guests.
        RegistrationsWrite,
        /// Write workshops, and see drafts.
        WorkshopsWrite,
    }
}

/// Whether an API key can be used.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
pub(crate) enum ApiKeyState {
    /// It can.
    Active,
    /// Its time is over.
    Expired,
    /// Somebody took it back.
    Revoked,
}

/// Whether something is over.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
#[graphql(name = "UpcomingOrPast", remote = "persistence::When")]
pub(crate) enum When {
    /// Its last session has not ended, or it has no sessions yet.
    Upcoming,
    /// Its last session has ended.
    Past,
}

/// Which way a list runs.
#[derive(Clone, Copy, Debug, Default, Enum, Eq, PartialEq)]
#[graphql(remote = "persistence::Direction")]
pub(crate) enum OrderDirection {
    /// From the least to the greatest; what has no value comes last.
    #[default]
    #[graphql(name = "ASC")]
    Ascending,
    /// From the greatest to the least; what has no value comes first.
    #[graphql(name = "DESC")]
    Descending,
}
