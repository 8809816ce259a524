use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

use super::{BucketState, Buckets, RateLimitKey};

/// The shortest and the longest pause before a charge is tried again. Many subscriptions of one caller can wait at once.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// The budget that pays for one operation. It travels with the request, so that the response can report the remaining cost.
#[derive(Clone, Debug)]
pub(crate) struct CostBudget {
    buckets: Option<Arc<Buckets>>,
    key: RateLimitKey,
    charged: Arc<OnceLock<BucketState>>,
}

impl CostBudget {
    pub(crate) fn new(buckets: Option<Arc<Buckets>>, key: RateLimitKey) -> Self {
        Self { buckets, key, charged: Arc::default() }
    }

    /// Charges the cost of the operation, once. `None`: rate limiting is off.
    pub(crate) fn charge(&self, cost: usize) -> Option<BucketState> {
        let buckets = self.buckets.as_ref()?;
        Some(*self.charged.get_or_init(|| buckets.take(&self.key, cost)))
    }

    /// Charges a further cost as soon as the bucket holds it. Work that continues for a client, such as a subscription,
    /// pauses meanwhile.
    pub(crate) async fn charge_when_possible(&self, cost: usize) {
        let Some(buckets) = &self.buckets else { return };
        while let Some(wait) = buckets.take(&self.key, cost).retry_in {
            sleep_until(Instant::now() + wait.clamp(PAUSE.0, PAUSE.1)).await;
        }
    }

    /// The owner of the budget.
    pub(crate) fn key(&self) -> &RateLimitKey {
        &self.key
    }

    /// The buckets and the state after the charge. `None`: nothing was charged.
    pub(crate) fn charged(&self) -> Option<(&Buckets, BucketState)> {
        Some((self.buckets.as_ref()?, *self.charged.get()?))
    }
}
