use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

use super::{BucketState, Buckets};
use crate::caller_key::CallerKey;

/// The shortest and the longest pause before a charge is tried again. Many subscriptions of one caller can wait at once.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// The budget that pays for one operation. It travels with the request, so that the response can report the remaining cost.
#[derive(Clone, Debug)]
pub(crate) struct CostBudget {
    buckets: Option<Arc<Buckets>>,
    caller: CallerKey,
    charged: Arc<Mutex<Option<BucketState>>>,
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
        let mut charged = self.charged.lock().unwrap_or_else(PoisonError::into_inner);
        Some(*charged.get_or_insert_with(|| buckets.take(&self.caller, cost)))
    }

    /// Charges work that is already done: its cost, or the rest of the budget.
    pub(crate) fn charge_more(&self, cost: usize) {
        if let Some(buckets) = &self.buckets {
            let mut charged = self.charged.lock().unwrap_or_else(PoisonError::into_inner);
            *charged = Some(buckets.take_at_most(&self.caller, cost));
        }
    }

    /// Charges a further cost as soon as the bucket holds it. Work that continues for a client, such as a subscription,
    /// pauses meanwhile.
    pub(crate) async fn charge_when_possible(&self, cost: usize) {
        let Some(buckets) = &self.buckets else { return };
        while let Some(wait) = buckets.take(&self.caller, cost).retry_in {
            sleep_until(Instant::now() + wait.clamp(PAUSE.0, PAUSE.1)).await;
        }
    }

    /// The buckets and the state after the charge. `None`: nothing was charged.
    pub(crate) fn charged(&self) -> Option<(&Buckets, BucketState)> {
        let charged = *self.charged.lock().unwrap_or_else(PoisonError::into_inner);
        Some((self.buckets.as_ref()?, charged?))
    }
}
