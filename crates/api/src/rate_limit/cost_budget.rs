use std::sync::{Arc, OnceLock};

use super::{Buckets, Level, RateLimitKey};

/// What one operation is paid out of. It is handed on with the request, and whoever writes the answer can see what was
/// taken.
#[derive(Clone, Debug)]
pub(crate) struct CostBudget {
    buckets: Option<Arc<Buckets>>,
    payer: RateLimitKey,
    level: Arc<OnceLock<Level>>,
}

impl CostBudget {
    pub(crate) fn new(buckets: Option<Arc<Buckets>>, payer: RateLimitKey) -> Self {
        Self { buckets, payer, level: Arc::default() }
    }

    /// Takes what the operation costs, once. `None`: nobody counts.
    pub(crate) fn pay(&self, cost: usize) -> Option<Level> {
        let buckets = self.buckets.as_ref()?;
        Some(*self.level.get_or_init(|| buckets.take(&self.payer, cost)))
    }

    /// The policy and the level after something was taken, or was not. `None`: it never came to that.
    pub(crate) fn paid(&self) -> Option<(&Buckets, Level)> {
        Some((self.buckets.as_ref()?, *self.level.get()?))
    }
}
