use std::{
    borrow::Borrow,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};

use hashlink::LruCache;

/// What is kept to be found again, up to so many bytes. When it is too much, what was not asked for the longest goes.
pub(crate) struct Kept<K, V> {
    most: usize,
    held: Mutex<Held<K, V>>,
}

struct Held<K, V> {
    /// Each with the bytes that it takes.
    values: LruCache<K, (V, usize)>,
    bytes: usize,
}

impl<K: Eq + Hash, V: Clone> Kept<K, V> {
    pub(crate) fn new(most_bytes: usize) -> Self {
        Self { most: most_bytes, held: Mutex::new(Held { values: LruCache::new_unbounded(), bytes: 0 }) }
    }

    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.held().values.get(key).map(|(value, _)| value.clone())
    }

    /// Keeps what takes about so many bytes.
    pub(crate) fn keep(&self, key: K, value: V, bytes: usize) {
        let mut held = self.held();
        let before = held.values.insert(key, (value, bytes));
        held.bytes += bytes;
        held.bytes -= before.map_or(0, |(_, bytes)| bytes);
        while held.bytes > self.most
            && let Some((_, (_, bytes))) = held.values.remove_lru()
        {
            held.bytes -= bytes;
        }
    }

    fn held(&self) -> MutexGuard<'_, Held<K, V>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_and_what_is_asked_for_stays() {
        let kept = Kept::new(1_000);
        for number in 0..200 {
            kept.keep(number, number, 100);
            assert_eq!(kept.get(&0), Some(0));
            assert!(kept.held().bytes <= 1_000);
        }
        assert_eq!((kept.get(&1), kept.get(&190), kept.get(&191)), (None, None, Some(191)));
    }

    #[test]
    fn what_is_kept_again_is_counted_once() {
        let kept = Kept::new(1_000);
        kept.keep(0, "short", 100);
        kept.keep(0, "long", 900);
        assert_eq!((kept.get(&0), kept.held().bytes), (Some("long"), 900));
    }

    #[test]
    fn what_is_larger_than_everything_is_not_kept() {
        let kept = Kept::new(1_000);
        kept.keep(0, (), 1_001);
        assert_eq!((kept.get(&0), kept.held().bytes), (None, 0));
    }
}
