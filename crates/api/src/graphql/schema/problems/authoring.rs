use async_graphql::Object;
use domain::{Problem as _, problems};

use super::CapacityScope;
use crate::graphql::schema::enums::same_enum;

problem! {
    /// 2010: the input has missing or invalid fields. All of them are listed.
    InputInvalid {
        /// The invalid fields, in the order of the input.
        async fn fields(&self) -> Vec<InputProblem> {
            self.0.fields.iter().cloned().map(InputProblem).collect()
        }
    }
}

pub(crate) struct InputProblem(problems::InputProblem);

/// An invalid field of the input.
#[Object]
impl InputProblem {
    /// The path of the field in the input, for example `tracks[0].name`.
    async fn field(&self) -> &str {
        &self.0.field
    }

    /// The reason, in a sentence for people.
    async fn message(&self) -> &str {
        &self.0.message
    }
}

problem! {
    /// 2011: another object of the same type has this external id.
    ExternalIdTaken {}
}

problem! {
    /// 2012: the import has too many guests. Nothing was imported; send it in parts.
    TooManyGuests {
        /// The largest number of guests in one call.
        async fn limit(&self) -> usize {
            self.0.limit
        }
    }
}

problem! {
    /// 2015: the workshop would have too many tracks. Split it into several workshops.
    TooManyTracks {
        /// The largest number of tracks of a workshop.
        async fn limit(&self) -> usize {
            self.0.limit
        }
    }
}

problem! {
    /// 2016: the track would have too many sessions. Cancelled sessions count. Add another track.
    TooManySessions {
        /// The largest number of sessions of a track.
        async fn limit(&self) -> usize {
            self.0.limit
        }
    }
}

problem! {
    /// 2017: the workshop would have too many centers. Split it into several workshops.
    TooManyCenters {
        /// The largest number of centers of a workshop.
        async fn limit(&self) -> usize {
            self.0.limit
        }
    }
}

problem! {
    /// 2013: an earlier row of the same import has the same external id. Only the earlier row is imported.
    ExternalIdRepeated {
        /// The index of the earlier row, from 0.
        async fn row(&self) -> usize {
            self.0.row
        }
    }
}

problem! {
    /// 2031: the workshop does not have the `expectedVersion`. Read it again and decide whether the edit still applies.
    VersionConflict {
        /// The current version of the workshop.
        async fn current_version(&self) -> i32 {
            self.0.current_version
        }
    }
}

problem! {
    /// 2032: the new capacity is below the number of seats taken. Guests never lose their seats to an edit.
    CapacityBelowTaken {
        /// The scope of the capacity.
        async fn scope(&self) -> CapacityScope {
            self.0.scope.into()
        }

        /// The number of seats taken, the smallest possible capacity.
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
    /// 2035: the track has or had registrations. It cannot be removed, because their history refers to it, even if all
    /// are cancelled.
    TrackHasRegistrations {
        /// The number of live registrations.
        async fn live_registrations(&self) -> u32 {
            self.0.live_registrations
        }
    }
}

problem! {
    /// 2036: the workshop lacks something that a published workshop needs: at least one track and one center.
    WorkshopNotPublishable {
        /// The missing requirements.
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
    /// 2039: no session has this id, or the session is cancelled.
    SessionInvalid {}
}

same_enum! {
    /// A requirement for publishing a workshop.
    PublishingNeed = "problems::PublishingNeed" {
        /// At least one track.
        Track,
        /// At least one center that runs the workshop.
        Center,
    }
}
