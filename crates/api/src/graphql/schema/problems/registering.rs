use async_graphql::{Context, Object, Result};
use domain::{Problem as _, access::Denied, problems};

use super::Problem;
use crate::graphql::schema::{
    enums::same_enum, field_access::access_error, scalars::Instant, types::registration::Registration,
};

problem! {
    /// 1004: required input is missing. This check needs no data, so it comes first.
    MissingInput {
        /// All input fields that were missing or blank.
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
    /// 1001: no workshop has this id, or the workshop is a draft.
    WorkshopInvalid {}
}

problem! {
    /// 502: no guest has this id.
    GuestInvalid {}
}

problem! {
    /// 502: no center has this id, or the center does not run the workshop.
    CenterInvalid {}
}

problem! {
    /// 502: the track belongs to another workshop or does not exist.
    TrackNotInWorkshop {}
}

problem! {
    /// 1010: the guest already has a live registration to the workshop. Checked before the registration window and the
    /// seats.
    AlreadyRegistered {
        /// The live registration of this guest. An error with the code FORBIDDEN if the caller cannot see it, because
        /// it was made at another center.
        async fn registration(&self, ctx: &Context<'_>) -> Result<Registration> {
            Registration::find(ctx, self.0.registration).await?.ok_or_else(|| access_error(Denied::Forbidden))
        }
    }
}

/// Writes one of two problems that differ in the request: for a seat, or for the waitlist.
macro_rules! not_open {
    ($(#[$doc:meta])* $name:ident) => {
        problem! {
            $(#[$doc])*
            $name {
                /// Why the request cannot be accepted now.
                async fn reason(&self) -> NotOpenReason {
                    self.0.0.reason.into()
                }

                /// The instant when the window opens or opened. null means an open beginning.
                async fn opens_at(&self) -> Option<Instant> {
                    self.0.0.opens_at.map(Instant)
                }

                /// The instant when the window closes or closed. null means an open end.
                async fn closes_at(&self) -> Option<Instant> {
                    self.0.0.closes_at.map(Instant)
                }
            }
        }
    };
}

not_open! {
    /// 1009: the request is for a seat, and the workshop takes no registrations now.
    RegistrationNotOpen
}

not_open! {
    /// 1009: the request is for the waitlist, and the waitlist takes no guests now.
    WaitlistNotOpen
}

problem! {
    /// 1011: the request is for a seat, and no seat is free. Never returned for a request with `waitlist: true`.
    CapacityExceeded {
        /// The scope that is full: the workshop or the track.
        async fn scope(&self) -> CapacityScope {
            self.0.scope.into()
        }

        /// The total number of seats.
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
    /// 2007: some guests of an all-or-nothing request cannot be registered. No guest was registered.
    RegistrationsRefused {
        /// The problem of each guest, in the order of the request; null for a guest without a problem.
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
    /// 2009: a guest occurs twice in an all-or-nothing request.
    GuestRepeated {
        /// The index of the earlier occurrence, from 0.
        async fn index(&self) -> usize {
            self.0.index
        }
    }
}

problem! {
    /// 2008: the request has more guests than one request can register.
    TooManyRegistrations {
        /// The largest number of guests in one request.
        async fn limit(&self) -> usize {
            self.0.limit
        }
    }
}

same_enum! {
    /// The reason why a workshop or its waitlist takes no guests.
    NotOpenReason = "problems::NotOpenReason" {
        /// The registration window has not opened.
        NotYetOpen,
        /// The registration window has closed.
        Closed,
        /// The workshop is cancelled.
        WorkshopCancelled,
        /// The last session has ended.
        WorkshopCompleted,
        /// The workshop has no waitlist: it is disabled, or the seats are unlimited.
        WaitlistDisabled,
        /// The waitlist has reached its limit.
        WaitlistFull,
    }
}

same_enum! {
    /// The scope of a capacity.
    CapacityScope = "problems::CapacityScope" {
        /// The workshop as a whole.
        Workshop,
        /// One track.
        Track,
    }
}
