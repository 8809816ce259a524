//! Operations without a document: the calls of the REST API. They are limited and measured like GraphQL operations.

use super::{admission::InFlightPermit, operation_label::OperationLabel, response_size::ResponseMeter};
use crate::rate_limit::CostBudget;

/// An operation to run for a client.
#[derive(Debug)]
pub(crate) struct MeteredOperation {
    /// The root field that does the same.
    pub(crate) label: OperationLabel,
    /// The cost of that field with the fields of the response selected.
    pub(crate) cost: usize,
    /// The budget that pays the cost.
    pub(crate) budget: CostBudget,
    /// The size of the response, which the operation counts.
    pub(crate) meter: ResponseMeter,
    /// The in-flight permit, held until the operation ends.
    pub(crate) permit: InFlightPermit,
}
