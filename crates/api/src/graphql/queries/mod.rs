//! What can be asked, one file a subject.

mod centers;
mod changes;
mod eligibility;
mod guests;
mod nodes;
mod registrations;
mod workshops;

use async_graphql::{MergedObject, Result};

use super::{
    fault::Fault,
    lists::{AllCenters, AllGuests, AllRegistrations, AllWorkshops},
};

/// What can be read.
#[derive(Default, MergedObject)]
pub(crate) struct Query(
    nodes::NodeQueries,
    workshops::WorkshopQueries,
    AllWorkshops,
    registrations::RegistrationQueries,
    AllRegistrations,
    guests::GuestQueries,
    AllGuests,
    centers::CenterQueries,
    AllCenters,
    eligibility::EligibilityQueries,
    changes::ChangeQueries,
);

/// What a look-up by id found: null and a fault are two answers, and a fault nulls no more than its own field.
fn found<R, T: From<R>>(row: Result<Option<R>, Fault>) -> Option<Result<T>> {
    row.map_err(Into::into).transpose().map(|row| row.map(T::from))
}
