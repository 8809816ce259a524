use std::time::Duration;

use async_graphql::{Name, Response, ServerError, Value, indexmap::IndexMap};

use crate::{
    graphql::execution::error_codes::{Code, in_seconds},
    rate_limit::{BucketState, CostBudget},
};

/// The cost of an operation that was taken from the caller's budget.
#[derive(Clone, Copy, Debug)]
pub(in crate::graphql) struct ChargedCost {
    requested: usize,
    limit: usize,
    charged: Option<BucketState>,
}

impl ChargedCost {
    /// Takes the cost from the budget; fails if the budget has too little left.
    pub(in crate::graphql) fn charge(budget: &CostBudget, requested: usize, limit: usize) -> Result<Self, ServerError> {
        match budget.charge(requested) {
            Some(BucketState { retry_in: Some(wait), .. }) => Err(rate_limited(wait)),
            charged => Ok(Self { requested, limit, charged }),
        }
    }

    /// Returns the cost of the operation.
    pub(in crate::graphql) fn requested(&self) -> usize {
        self.requested
    }

    /// Reports the cost in `extensions.cost` of a response.
    pub(in crate::graphql) fn write_to(self, response: &mut Response) {
        let mut cost = IndexMap::from([
            (Name::new("requested"), Value::from(self.requested)),
            (Name::new("limit"), self.limit.into()),
        ]);
        if let Some(bucket) = self.charged {
            cost.insert(Name::new("remaining"), bucket.remaining.into());
        }
        response.extensions.insert("cost".to_owned(), Value::Object(cost));
    }
}

fn rate_limited(wait: Duration) -> ServerError {
    let seconds = in_seconds(wait);
    let mut error = Code::RateLimited.error(format!("The rate limit is exceeded. Try again in {seconds} s."));
    error.extensions.get_or_insert_default().set("retryAfter", seconds);
    error
}
