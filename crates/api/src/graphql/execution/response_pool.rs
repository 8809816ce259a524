//! The memory of all responses that are being built.
//!
//! A limit for one response does not bound a server: each of many clients can request the largest response at the same
//! time. Large responses therefore share a pool that has room for one of the largest size. A response that finds no room
//! is rejected and does not wait, because two that wait for each other would never end.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::response_size::ResponseLimits;

/// The objects of a block, which takes about 1 MiB: an object takes 4 KiB while its response is built.
const BLOCK_OBJECTS: usize = 250;
/// The bytes of a block. A text is in memory up to three times: as a row, as a value and as JSON.
const BLOCK_BYTES: usize = 320 * 1024;

/// The free blocks for large responses. Clones share them.
#[derive(Clone, Debug)]
pub(in crate::graphql) struct ResponsePool(Arc<AtomicUsize>);

impl ResponsePool {
    /// A pool with room for one response at its limits.
    pub(in crate::graphql) fn new(limits: ResponseLimits) -> Self {
        Self(Arc::new(AtomicUsize::new(blocks(limits.objects, limits.bytes))))
    }

    /// A pool without limits, for mutations: `OVERLOADED` says that nothing was changed, so a response to a change is
    /// never rejected for it.
    pub(in crate::graphql) fn unlimited() -> Self {
        Self(Arc::new(AtomicUsize::new(usize::MAX)))
    }

    /// Returns a reservation without blocks.
    pub(super) fn reservation(&self) -> Reservation {
        Reservation { pool: self.clone(), held: AtomicUsize::new(0) }
    }
}

/// The blocks that one response holds until it is dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    pool: ResponsePool,
    held: AtomicUsize,
}

impl Reservation {
    /// Takes blocks for a response that has grown to this size. A small response needs none. Returns whether the pool had
    /// room.
    pub(super) fn cover(&self, objects: usize, bytes: usize) -> bool {
        let (needed, held) = (blocks(objects, bytes), self.held.load(Ordering::Relaxed));
        let Some(more) = needed.checked_sub(held).filter(|more| *more > 0) else { return true };
        let take = |free: usize| free.checked_sub(more);
        let has_room = self.pool.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok();
        if has_room {
            self.held.fetch_add(more, Ordering::Relaxed);
        }
        has_room
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.pool.0.fetch_add(*self.held.get_mut(), Ordering::Relaxed);
    }
}

fn blocks(objects: usize, bytes: usize) -> usize {
    (objects / BLOCK_OBJECTS).max(bytes / BLOCK_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_responses_share_a_pool_and_small_ones_need_none() {
        let pool = ResponsePool::new(ResponseLimits { objects: 4 * BLOCK_OBJECTS, bytes: 3 * BLOCK_BYTES });
        let (ann, bob) = (pool.reservation(), pool.reservation());
        assert!(ann.cover(BLOCK_OBJECTS - 1, BLOCK_BYTES - 1));
        let ann_needs = 3 * BLOCK_OBJECTS;
        assert!(ann.cover(ann_needs, 0) && ann.cover(ann_needs, BLOCK_BYTES), "a reservation grows with its response");
        assert!(bob.cover(BLOCK_OBJECTS, 0) && bob.cover(0, BLOCK_BYTES));
        assert!(!bob.cover(0, 2 * BLOCK_BYTES), "the pool has no room");
        drop(ann);
        assert!(bob.cover(2 * BLOCK_OBJECTS, 0));
        drop(bob);
        assert!(pool.reservation().cover(4 * BLOCK_OBJECTS, 3 * BLOCK_BYTES));
    }
}
