//! The reasons to refuse, as clients see them: one type each, with its code, its sentence and what there is to act on.

use async_graphql::{Context, Interface, Object, Result};
use domain::{Problem as _, problems};

use super::{enums::same_enum, scalars::Instant, types::registration::Registration};

/// Writes the GraphQL type of a problem of the domain; what stands in the braces are its fields beside `code` and `message`.
macro_rules! problem {
    ($(#[$doc:meta])* $name:ident { $($fields:tt)* }) => {
        pub(crate) struct $name(problems::$name);

        $(#[$doc])*
        #[Object]
        impl $name {
            /// The documented numeric code. Several problems may share one; `__typename` tells them apart.
            async fn code(&self) -> i32 {
                self.0.code()
            }

            /// The documented sentence.
            async fn message(&self) -> String {
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
        /// The live registration of this guest.
        async fn registration(&self, ctx: &Context<'_>) -> Result<Registration> {
            Ok(Registration::load(ctx, self.0.registration).await?)
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

problem! {
    /// 2007: of guests who were to be registered all or none, some cannot be. Nobody was.
    RegistrationsRefused {
        /// What stands in the way of each guest, in their order; null for a guest in whose way nothing stands.
        async fn problems(&self) -> Vec<Option<Problem>> {
            self.0.refusals.iter().map(|refusal| refusal.clone().map(Problem::from)).collect()
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
    /// 2010: something that was written cannot be, or is missing. Names all that is wrong at once.
    InputInvalid {
        /// What is wrong, a field each, in the order of the input's fields.
        async fn fields(&self) -> Vec<InputProblem> {
            self.0.fields.iter().cloned().map(InputProblem).collect()
        }
    }
}

pub(crate) struct InputProblem(problems::InputProblem);

/// What is wrong with a field of the input.
#[Object]
impl InputProblem {
    /// The field, with the way to it from the input: `tracks[0].name`.
    async fn field(&self) -> &str {
        &self.0.field
    }

    /// Why it cannot be, in a sentence for a person.
    async fn message(&self) -> &str {
        &self.0.message
    }
}

problem! {
    /// 2011: another thing of the same kind has this external id.
    ExternalIdTaken {}
}

problem! {
    /// 2012: an import is too large. Nothing of it was done; send it in parts.
    TooManyGuests {
        /// The most guests of one call.
        async fn limit(&self) -> usize {
            self.0.limit
        }
    }
}

problem! {
    /// 2013: an earlier row of the same import is about the same guest. The earlier one counts.
    ExternalIdRepeated {
        /// The number of the earlier row, from 0.
        async fn row(&self) -> usize {
            self.0.row
        }
    }
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

problem! {
    /// 2031: the workshop does not have the `expectedVersion`. Read it again, and decide whether the edit still fits.
    VersionConflict {
        /// The version that the workshop has now.
        async fn current_version(&self) -> i32 {
            self.0.current_version
        }
    }
}

problem! {
    /// 2032: more seats are taken than the capacity would leave. Nobody is put out to make it fit.
    CapacityBelowTaken {
        /// Whose capacity.
        async fn scope(&self) -> CapacityScope {
            self.0.scope.into()
        }

        /// The seats that are taken: the least that the capacity can be.
        async fn seats_taken(&self) -> u32 {
            self.0.seats_taken
        }
    }
}

problem! {
    /// 2033: the registration window would close at or before the instant at which it opens.
    WindowInvalid {}
}

problem! {
    /// 2034: the session would end at or before the instant at which it starts.
    SessionTimesInvalid {}
}

problem! {
    /// 2035: somebody has registered to the track. It stays, for what became of them refers to it, even when all have
    /// cancelled.
    TrackHasRegistrations {
        /// How many of the registrations are live.
        async fn live_registrations(&self) -> u32 {
            self.0.live_registrations
        }
    }
}

problem! {
    /// 2036: guests could not register to it. A published workshop keeps at least one track and one center, too.
    WorkshopNotPublishable {
        /// What there is, or would be, none of.
        async fn missing(&self) -> Vec<PublishingNeed> {
            self.0.missing.iter().map(|need| (*need).into()).collect()
        }
    }
}

problem! {
    /// 2037: the workshop is cancelled, or its last session has ended.
    WorkshopNotEditable {}
}

problem! {
    /// 2038: no track has this number.
    TrackInvalid {}
}

problem! {
    /// 2039: no session has this id, or it was cancelled.
    SessionInvalid {}
}

same_enum! {
    /// Without which a workshop cannot be published.
    PublishingNeed = "problems::PublishingNeed" {
        /// At least one track.
        Track,
        /// At least one center that runs it.
        Center,
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
}
