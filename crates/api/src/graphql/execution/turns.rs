//! Which work of a caller waits for its turn.
//!
//! - Queries. Expensive ones have a queue of their own, so that cheap ones never wait for them.
//! - Long requests, because the server parses JSON and documents without a pause.
//!
//! Mutations do not queue, because the lanes commit many of them together.

use std::thread::available_parallelism;

use super::fair_queue::{FairQueue, Turn};
use crate::{Limits, caller_key::CallerKey};

/// The length of a request that is parsed at once. Most requests are shorter.
const SHORT_REQUEST: usize = 16 * 1024;

/// A query is expensive if it costs at least this part of the largest cost. It takes a slot for each such part.
const EXPENSIVE_PART: usize = 32;

/// The queues of work.
#[derive(Clone, Debug)]
pub(in crate::graphql) struct Turns {
    queries: FairQueue,
    expensive_queries: FairQueue,
    long_requests: FairQueue,
    /// The cost of a query for each slot that it takes.
    cost_per_slot: usize,
}

impl Turns {
    pub(in crate::graphql) fn new(limits: &Limits) -> Self {
        let (running, of_caller) = (limits.max_running_queries, limits.running_queries_per_caller);
        // Half of the processors, so that other requests always find one.
        let parsers = available_parallelism().map_or(1, |processors| processors.get().div_ceil(2));
        Self {
            queries: FairQueue::new(running, of_caller),
            expensive_queries: FairQueue::new(running.div_ceil(2), of_caller),
            long_requests: FairQueue::new(parsers, 1),
            cost_per_slot: (limits.documents.cost / EXPENSIVE_PART).max(1),
        }
    }

    /// Waits for the turn of a query with this cost.
    pub(in crate::graphql) async fn query(&self, caller: CallerKey, cost: usize) -> Turn {
        match cost / self.cost_per_slot {
            0 => self.queries.wait(caller, 1, cost).await,
            slots => self.expensive_queries.wait(caller, slots, cost).await,
        }
    }

    /// Waits for the turn of a request with so many bytes to be parsed. A short one has it at once.
    pub(in crate::graphql) async fn parsing(&self, caller: CallerKey, bytes: usize) -> Option<Turn> {
        if bytes > SHORT_REQUEST { Some(self.long_requests.wait(caller, 1, bytes).await) } else { None }
    }
}
