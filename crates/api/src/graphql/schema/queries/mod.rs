//! The queries, one file for each subject.

mod api_keys;
mod centers;
mod changes;
mod eligibility;
mod external_ids;
mod guests;
mod nodes;
mod registrations;
mod statistics;
mod viewer;
mod workshops;

use async_graphql::MergedObject;

use super::lists::{AllCenters, AllGuests, AllRegistrations, AllWorkshops};
use crate::graphql::execution::federation::FederationQueries;

/// The queries.
#[derive(Default, MergedObject)]
pub(crate) struct Query(Queries);

/// The queries, with those of a federated graph's gateway.
#[derive(Default, MergedObject)]
#[graphql(name = "Query")]
pub(crate) struct Subgraph(Queries, FederationQueries);

#[derive(Default, MergedObject)]
struct Queries(
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
    external_ids::ExternalIdQueries,
    statistics::StatisticsQueries,
    viewer::ViewerQueries,
    api_keys::ApiKeyQueries,
);
