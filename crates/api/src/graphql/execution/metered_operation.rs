//! What is asked for without a document, by the documented HTTP call: an operation like any other.

use crate::{
    graphql::{Failure, Graph, InFlightPermit, OperationLabel, Paid},
    rate_limit::CostBudget,
};

/// One thing to do for a client.
#[derive(Debug)]
pub(crate) struct MeteredOperation {
    /// What it is about: the root field that does the same.
    pub(crate) topic: OperationLabel,
    /// What that field costs, with what is answered selected of it.
    pub(crate) cost: usize,
    /// Out of what it is paid.
    pub(crate) purse: CostBudget,
    /// Its place among what is worked on, until it is done.
    pub(crate) place: InFlightPermit,
}

impl Graph {
    /// Does something for a client, within its share and its time, whatever happens meanwhile.
    pub(crate) async fn run<T>(
        &self,
        errand: MeteredOperation,
        doing: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let MeteredOperation { topic, cost, purse, place: _place } = errand;
        let work = async {
            Paid::out_of(&purse, cost, self.limits.cost)?;
            self.within_patience(doing).await?
        };
        // Boxed, for it is large, and would be moved more than once on the way.
        self.operations.measure(topic, Box::pin(work)).await
    }
}
