//! Fair queuing of queries: a few queries of each caller run at a time, and its others wait. A caller with many requests
//! delays its own requests, and not those of callers who need the same database connections and processors.
//!
//! Mutations do not queue, because the lanes commit many of them together.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::caller_key::CallerKey;

/// The queues of all callers.
#[derive(Clone, Debug)]
pub(in crate::graphql) struct FairQueue {
    running_per_caller: usize,
    /// The callers with a running or waiting query.
    callers: Arc<Mutex<HashMap<CallerKey, Arc<Semaphore>>>>,
}

/// The turn of one query. The next query of the caller runs when this is dropped.
#[derive(Debug)]
pub(in crate::graphql) struct Turn {
    // Dropped first.
    _permit: Option<OwnedSemaphorePermit>,
    _entry: QueueEntry,
}

/// A query that runs or waits.
#[derive(Debug)]
struct QueueEntry {
    queue: FairQueue,
    caller: CallerKey,
    semaphore: Arc<Semaphore>,
}

impl FairQueue {
    /// A queue that runs so many queries of each caller at a time.
    pub(in crate::graphql) fn new(running_per_caller: usize) -> Self {
        Self { running_per_caller: running_per_caller.min(Semaphore::MAX_PERMITS), callers: Arc::default() }
    }

    /// Waits for the turn of a query. The queries of a caller get their turns in the order of their arrival.
    pub(in crate::graphql) async fn wait(&self, caller: CallerKey) -> Turn {
        let new = || Arc::new(Semaphore::new(self.running_per_caller));
        let semaphore = self.callers().entry(caller.clone()).or_insert_with(new).clone();
        let entry = QueueEntry { queue: self.clone(), caller, semaphore: semaphore.clone() };
        // Always granted: the semaphore is never closed.
        Turn { _permit: semaphore.acquire_owned().await.ok(), _entry: entry }
    }

    fn callers(&self) -> MutexGuard<'_, HashMap<CallerKey, Arc<Semaphore>>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for QueueEntry {
    fn drop(&mut self) {
        let mut callers = self.queue.callers();
        // Only this entry and the map have the semaphore: no other query of the caller runs or waits.
        if Arc::strong_count(&self.semaphore) == 2 {
            callers.remove(&self.caller);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn caller(number: u8) -> CallerKey {
        CallerKey::at(Some([192, 0, 2, number].into()))
    }

    #[tokio::test]
    async fn a_caller_waits_for_its_own_queries_only() {
        let queue = FairQueue::new(2);
        let first = queue.wait(caller(1)).await;
        let _second = queue.wait(caller(1)).await;
        let mut third = Box::pin(queue.wait(caller(1)));
        assert!(third.as_mut().now_or_never().is_none(), "two queries run");
        assert!(queue.wait(caller(2)).now_or_never().is_some(), "another caller does not wait");
        drop(first);
        assert!(third.now_or_never().is_some(), "the next query runs");
    }

    #[tokio::test]
    async fn callers_without_queries_take_no_memory() {
        let queue = FairQueue::new(1);
        let running = queue.wait(caller(1)).await;
        let mut waiting = Box::pin(queue.wait(caller(1)));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(running);
        assert_eq!(queue.callers().len(), 1, "a query waits");
        drop(waiting);
        assert!(queue.callers().is_empty());
    }
}
