//! The reasons to refuse, as clients see them: one type each, with its code, its sentence and what there is to act on.

use async_graphql::{Context, Interface, Object, Result};
use domain::{Problem as _, access::Denied, problems};

use super::{enums::same_enum, field_access::access_error, scalars::Instant, types::registration::Registration};

/// Writes the GraphQL type of a problem of the domain; what stands in the braces are its fields beside `code` and `message`.
macro_rules! problem {
    ($(#[$doc:meta])* $name:ident { $($fields:tt)* }) => {
        pub(crate) struct $name(problems::$name);

        $(#[$doc])*
        #[Object]
        impl $name {
            /// The documented numeric code. Several problems may share one; `__typename` tells them apart.
            pub(in crate::graphql) async fn code(&self) -> i32 {
                self.0.code()
            }

            /// The documented sentence.
            pub(in crate::graphql) async fn message(&self) -> String {
                self.0.to_string()
            }

            $($fields)*
        }

        impl From<problems::$name> for $name {
            fn from(problem: problems::$name) -> Self {
                Self(problem)
            }
        }
    };
}

mod authoring;
mod life;

pub(in crate::graphql) use authoring::*;
pub(in crate::graphql) use life::*;

problem! {
    /// 1004: something without which nobody can be registered was not passed. Needs no look-up, so it comes first.
    MissingInput {
        /// The input fields that were missing or blank, all at once.
        async fn fields(&self) -> Vec<&'static str> {
            self.0.fields.iter().map(|field| match field {
                problems::RequiredInput::Track => "trackId",
                problems::RequiredInput::Guest => "guestId",
                problems::RequiredInput::Center => "centerId",
            }).collect()
        }
    }
}

problem! {
    /// 1001: there is no such workshop, or it is still a draft.
    WorkshopInvalid {}
}

problem! {
    /// 502: there is no such guest.
    GuestInvalid {}
}

problem! {
    /// 502: there is no such center, or it does not run the workshop.
    CenterInvalid {}
}

problem! {
    /// 502: the track is another workshop's, or nobody's.
    TrackNotInWorkshop {}
}

problem! {
    /// 1010: the guest is registered or waiting already. Said before the window and the seats are looked at.
    AlreadyRegistered {
        /// The live registration of this guest. FORBIDDEN where the caller does not see it, for it was made at a center
        /// of others.
        async fn registration(&self, ctx: &Context<'_>) -> Result<Registration> {
            Registration::find(ctx, self.0.registration).await?.ok_or_else(|| access_error(Denied::Forbidden))
        }
    }
}

/// Two problems that differ in what was asked for.
macro_rules! not_open {
    ($(#[$doc:meta])* $name:ident) => {
        problem! {
            $(#[$doc])*
            $name {
                /// What is in the way.
                async fn reason(&self) -> NotOpenReason {
                    self.0.0.reason.into()
                }

                /// When the window opens or opened; null: an open end.
                async fn opens_at(&self) -> Option<Instant> {
                    self.0.0.opens_at.map(Instant)
                }

                /// When the window closes or closed; null: an open end.
                async fn closes_at(&self) -> Option<Instant> {
                    self.0.0.closes_at.map(Instant)
                }
            }
        }
    };
}

not_open! {
    /// 1009: a seat was asked for, and the workshop takes no registrations now.
    RegistrationNotOpen
}

not_open! {
    /// 1009: a place in line was asked for, and the line takes nobody now.
    WaitlistNotOpen
}

problem! {
    /// 1011: a seat was asked for, and all are taken. A request with `waitlist: true` is never answered with this.
    CapacityExceeded {
        /// What is full.
        async fn scope(&self) -> CapacityScope {
            self.0.scope.into()
        }

        /// Its seats in all.
        async fn capacity(&self) -> u32 {
            self.0.capacity
        }

        /// Whether the same request with `waitlist: true` would be accepted.
        async fn waitlist_open(&self) -> bool {
            self.0.waitlist_open
        }
    }
}

problem! {
    /// 2007: of guests who were to be registered all or none, some cannot be. Nobody was.
    RegistrationsRefused {
        /// What stands in the way of each guest, in their order; null for a guest in whose way nothing stands.
        async fn problems(&self) -> Vec<Option<Problem>> {
            self.0.obstacles.iter().map(|obstacle| obstacle.clone().map(Problem::from)).collect()
        }
    }
}

impl From<problems::Obstacle> for Problem {
    fn from(obstacle: problems::Obstacle) -> Self {
        match obstacle {
            problems::Obstacle::Refused(refusal) => refusal.into(),
            problems::Obstacle::Repeated(repeated) => Self::GuestRepeated(repeated.into()),
        }
    }
}

problem! {
    /// 2009: of guests who were to be registered all or none, one is named twice.
    GuestRepeated {
        /// The number of the earlier one, from 0.
        async fn index(&self) -> usize {
            self.0.index
        }
    }
}

problem! {
    /// 2008: more guests than one request may register.
    TooManyRegistrations {
        /// The most guests of one request.
        async fn limit(&self) -> usize {
            self.0.limit
        }
    }
}

problem! {
    /// 2000: within the last 24 hours something else succeeded under this idempotency key. Take a new one.
    IdempotencyKeyReused {}
}

problem! {
    /// 2040: there is no such API key, or it has ended and cannot be replaced.
    ApiKeyInvalid {}
}

same_enum! {
    /// What keeps a workshop, or its line, from taking anybody.
    NotOpenReason = "problems::NotOpenReason" {
        /// The window has not opened.
        NotYetOpen,
        /// The window has closed.
        Closed,
        /// The workshop was called off.
        WorkshopCancelled,
        /// The workshop is over.
        WorkshopCompleted,
        /// The workshop keeps no waitlist, or has no capacity, so that nobody ever has to wait.
        WaitlistDisabled,
        /// The waitlist has reached its limit.
        WaitlistFull,
    }
}

same_enum! {
    /// What has a capacity.
    CapacityScope = "problems::CapacityScope" {
        /// The workshop as a whole.
        Workshop,
        /// The track alone.
        Track,
    }
}

/// A reason why a request was refused. It is data, not an execution error: select it with `... on Problem`.
#[derive(Interface)]
#[graphql(
    field(
        name = "code",
        ty = "i32",
        desc = "The documented numeric code. Several problems may share one; `__typename` tells them apart."
    ),
    field(name = "message", ty = "String", desc = "The documented sentence.")
)]
pub(crate) enum Problem {
    MissingInput(MissingInput),
    WorkshopInvalid(WorkshopInvalid),
    GuestInvalid(GuestInvalid),
    CenterInvalid(CenterInvalid),
    TrackNotInWorkshop(TrackNotInWorkshop),
    AlreadyRegistered(AlreadyRegistered),
    RegistrationNotOpen(RegistrationNotOpen),
    WaitlistNotOpen(WaitlistNotOpen),
    CapacityExceeded(CapacityExceeded),
    IdempotencyKeyReused(IdempotencyKeyReused),
    RegistrationInvalid(RegistrationInvalid),
    RegistrationIdInvalid(RegistrationIdInvalid),
    RegistrationCancelled(RegistrationCancelled),
    GuestWaitlisted(GuestWaitlisted),
    RegistrationClosed(RegistrationClosed),
    InvoiceClosed(InvoiceClosed),
    GuestSignedIn(GuestSignedIn),
    GuestMarkedNoShow(GuestMarkedNoShow),
    GuestNotSignedIn(GuestNotSignedIn),
    WorkshopNotStarted(WorkshopNotStarted),
    GuestNotWaitlisted(GuestNotWaitlisted),
    WorkshopStarted(WorkshopStarted),
    RegistrationsRefused(RegistrationsRefused),
    TooManyRegistrations(TooManyRegistrations),
    GuestRepeated(GuestRepeated),
    VersionConflict(VersionConflict),
    CapacityBelowTaken(CapacityBelowTaken),
    WindowInvalid(WindowInvalid),
    SessionTimesInvalid(SessionTimesInvalid),
    TrackHasRegistrations(TrackHasRegistrations),
    WorkshopNotPublishable(WorkshopNotPublishable),
    WorkshopNotEditable(WorkshopNotEditable),
    TrackInvalid(TrackInvalid),
    SessionInvalid(SessionInvalid),
    InputInvalid(InputInvalid),
    ExternalIdTaken(ExternalIdTaken),
    TooManyGuests(TooManyGuests),
    ExternalIdRepeated(ExternalIdRepeated),
    ApiKeyInvalid(ApiKeyInvalid),
}
