use std::sync::{Arc, OnceLock};

use super::{BucketState, Buckets};
use crate::caller_key::CallerKey;

/// The budget that pays for one operation. It travels with the request, so that the response can report the remaining cost.
#[derive(Clone, Debug)]
pub(crate) struct CostBudget {
    buckets: Option<Arc<Buckets>>,
    caller: CallerKey,
    charged: Arc<OnceLock<BucketState>>,
}

impl CostBudget {
    pub(crate) fn new(buckets: Option<Arc<Buckets>>, caller: CallerKey) -> Self {
        Self { buckets, caller, charged: Arc::default() }
    }

    /// The caller whose budget it is.
    pub(crate) fn caller(&self) -> &CallerKey {
        &self.caller
    }

    /// Charges the cost of the operation, once. `None`: rate limiting is off.
    pub(crate) fn charge(&self, cost: usize) -> Option<BucketState> {
        let buckets = self.buckets.as_ref()?;
        Some(*self.charged.get_or_init(|| buckets.take(&self.caller, cost)))
    }

    /// The buckets and the state after the charge. `None`: nothing was charged.
    pub(crate) fn charged(&self) -> Option<(&Buckets, BucketState)> {
        Some((self.buckets.as_ref()?, *self.charged.get()?))
    }
}
