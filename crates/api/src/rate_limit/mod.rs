//! Fair use: everybody who calls has a bucket, out of which operations take what they cost. It fills up again by itself.
//!
//! The buckets are this server's own. Of several servers each has some, so that together they give as many times more.

mod cost_budget;
mod rate_limit_key;
mod token_bucket;

pub(crate) use cost_budget::CostBudget;
pub(crate) use rate_limit_key::RateLimitKey;
pub(crate) use token_bucket::{Buckets, Level};
pub use token_bucket::{RateLimits, Ticks};
