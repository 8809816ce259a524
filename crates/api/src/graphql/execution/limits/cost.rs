use std::time::Duration;

use async_graphql::{Name, Response, ServerError, Value, indexmap::IndexMap};

use crate::{
    caller_key::CallerKey,
    graphql::execution::{
        error_codes::{Code, in_seconds},
        fair_queue::Turn,
        response_size::ResponseMeter,
    },
    rate_limit::{BucketState, CostBudget},
};

/// The cost of an operation that was taken from the caller's budget.
#[derive(Clone, Debug)]
pub(in crate::graphql) struct ChargedCost {
    requested: usize,
    limit: usize,
    budget: CostBudget,
}

impl ChargedCost {
    /// Takes the cost from the budget; fails if the budget has too little left.
    pub(in crate::graphql) fn charge(budget: &CostBudget, requested: usize, limit: usize) -> Result<Self, ServerError> {
        match budget.charge(requested) {
            Some(BucketState { retry_in: Some(wait), .. }) => Err(rate_limited(wait)),
            _ => Ok(Self { requested, limit, budget: budget.clone() }),
        }
    }

    /// Charges what the response costs beyond the estimate, as far as the budget goes: the work is done. The next queries
    /// of the caller wait longer for it, too.
    pub(in crate::graphql) fn settle(&self, response: &ResponseMeter, turn: Option<&Turn>) {
        if let Some(more) = response.cost().checked_sub(self.requested).filter(|more| *more > 0) {
            self.budget.charge_more(more);
            if let Some(turn) = turn {
                turn.charge(more);
            }
        }
    }

    /// Returns the caller who paid.
    pub(in crate::graphql) fn caller(&self) -> &CallerKey {
        self.budget.caller()
    }

    /// Returns the cost of the operation.
    pub(in crate::graphql) fn requested(&self) -> usize {
        self.requested
    }

    /// Reports the cost in `extensions.cost` of a response.
    pub(in crate::graphql) fn write_to(&self, response: &mut Response) {
        let mut cost = IndexMap::from([
            (Name::new("requested"), Value::from(self.requested)),
            (Name::new("limit"), self.limit.into()),
        ]);
        if let Some((_, bucket)) = self.budget.charged() {
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
