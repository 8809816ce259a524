//! Rate limits: each caller has a token bucket, and each operation takes its cost from the bucket. Buckets refill over
//! time.
//!
//! Servers do not share buckets: `n` servers together allow `n` times the limit.

mod cost_budget;
mod token_bucket;

pub(crate) use cost_budget::CostBudget;
pub(crate) use token_bucket::{BucketState, Buckets};
pub use token_bucket::{MonotonicClock, RateLimits};
