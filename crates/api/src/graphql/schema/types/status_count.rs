use async_graphql::SimpleObject;
use persistence::StatusCounts;

use crate::graphql::{execution::counted::Counted, schema::enums::RegistrationStatus};

/// The number of registrations in one state.
#[derive(SimpleObject)]
pub(crate) struct RegistrationStatusCount {
    /// The state.
    status: RegistrationStatus,
    /// The number of registrations in this state.
    count: u64,
}

impl RegistrationStatusCount {
    /// Orders the counts by the documented number of the state.
    pub(in crate::graphql) fn of(mut counts: StatusCounts) -> Vec<Counted<Self>> {
        counts.sort_by_key(|(status, _)| domain::Numbered::number(*status));
        counts.into_iter().map(|(status, count)| Counted(Self { status: status.into(), count })).collect()
    }
}
