//! Fair use: everybody who calls has a bucket, out of which operations take what they cost. It fills up again by itself.
//!
//! The buckets are this server's own. Of several servers each has some, so that together they give as many times more.

mod bucket;
mod payer;
mod purse;

pub(crate) use bucket::{Buckets, Level};
pub use bucket::{FairUseLimits, Ticks};
pub(crate) use payer::Payer;
pub(crate) use purse::Purse;
