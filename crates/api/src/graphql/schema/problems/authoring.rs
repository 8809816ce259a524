//! What stands in the way of what authors and front desks write.

use async_graphql::Object;
use domain::{Problem as _, problems};

use super::CapacityScope;
use crate::graphql::schema::enums::same_enum;

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
