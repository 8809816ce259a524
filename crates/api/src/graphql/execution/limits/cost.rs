use std::time::Duration;

use async_graphql::{Name, Response, ServerError, Value, indexmap::IndexMap};

use crate::{
    graphql::Code,
    rate_limit::{BucketState, CostBudget},
};

/// What an operation has cost whoever asked for it.
#[derive(Clone, Copy, Debug)]
pub(in crate::graphql) struct Paid {
    requested: usize,
    limit: usize,
    charged: Option<BucketState>,
}

impl Paid {
    /// Takes what is asked for out of a purse, or refuses it for there is not so much left.
    pub(in crate::graphql) fn out_of(purse: &CostBudget, requested: usize, limit: usize) -> Result<Self, ServerError> {
        match purse.charge(requested) {
            Some(BucketState { retry_in: Some(wait), .. }) => Err(too_much(wait)),
            charged => Ok(Self { requested, limit, charged }),
        }
    }

    /// Says in an answer what it was, in `extensions.cost`.
    pub(in crate::graphql) fn tell(self, answer: &mut Response) {
        let mut cost = IndexMap::from([
            (Name::new("requested"), Value::from(self.requested)),
            (Name::new("limit"), self.limit.into()),
        ]);
        if let Some(bucket) = self.charged {
            cost.insert(Name::new("remaining"), bucket.remaining.into());
        }
        answer.extensions.insert("cost".to_owned(), Value::Object(cost));
    }
}

fn too_much(wait: Duration) -> ServerError {
    let seconds = in_seconds(wait);
    let mut error = Code::RateLimited.error(format!("You ask for more than your share. Try again in {seconds} s."));
    error.extensions.get_or_insert_default().set("retryAfter", seconds);
    error
}

/// Whole seconds after which it is certainly over.
pub(crate) fn in_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
