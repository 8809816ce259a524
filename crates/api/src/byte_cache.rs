//! A cache that is bounded in bytes: `quick_cache` with entries that carry their own weight.

use std::hash::Hash;

use quick_cache::{Equivalent, Weighter, sync::Cache};

/// The estimated number of entries. It limits `quick_cache` to four shards, so that a shard has room for a large document.
const ENTRIES: usize = 128;

/// A cache that holds at most a fixed number of bytes and evicts the least used entries.
pub(crate) struct ByteCache<K, V>(Cache<K, (V, usize), StoredWeight>);

/// Reads the weight that is stored beside each value.
#[derive(Clone)]
struct StoredWeight;

impl<K, V> Weighter<K, (V, usize)> for StoredWeight {
    fn weight(&self, _: &K, (_, bytes): &(V, usize)) -> u64 {
        *bytes as u64
    }
}

impl<K: Eq + Hash, V: Clone> ByteCache<K, V> {
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self(Cache::with_weighter(ENTRIES, max_bytes as u64, StoredWeight))
    }

    /// The bytes of all values.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> u64 {
        self.0.weight()
    }

    pub(crate) fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<V> {
        self.0.get(key).map(|(value, _)| value)
    }

    /// Inserts a value that takes about this many bytes. A value that is larger than a shard is not stored.
    pub(crate) fn insert(&self, key: K, value: V, bytes: usize) {
        self.0.insert(key, (value, bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_bounded_and_keeps_what_is_used() {
        let cache = ByteCache::new(100_000);
        for number in 0..2_000 {
            cache.insert(number, number, 1_000);
            assert_eq!(cache.get(&0), Some(0));
            assert!(cache.0.weight() <= 100_000);
        }
        let cached = (0..2_000).filter(|number| cache.get(number).is_some()).count();
        assert!((50..=100).contains(&cached), "{cached}");
    }

    #[test]
    fn a_replaced_value_is_counted_once() {
        let cache = ByteCache::new(10_000);
        cache.insert(0, "short", 100);
        cache.insert(0, "long", 900);
        assert_eq!((cache.get(&0), cache.0.weight()), (Some("long"), 900));
    }

    #[test]
    fn a_value_that_is_larger_than_the_cache_is_not_stored() {
        let cache = ByteCache::new(1_000);
        cache.insert(0, (), 1_001);
        assert_eq!((cache.get(&0), cache.0.weight()), (None, 0));
    }
}
