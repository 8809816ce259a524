use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OwnedMutexGuard;

/// A fair mutex for each key, which exists only while it is used.
pub(crate) struct KeyedMutex<K: Copy + Eq + Hash>(Arc<Mutex<HashMap<K, Arc<tokio::sync::Mutex<()>>>>>);

/// The lock of one key, released when it is dropped.
pub(crate) struct KeyedGuard<K: Copy + Eq + Hash> {
    // Before the entry, which is removed if it is not used any more.
    _guard: OwnedMutexGuard<()>,
    _entry: Entry<K>,
}

/// The use of a key's mutex, by its holder or by a task that waits for it.
struct Entry<K: Copy + Eq + Hash> {
    mutexes: KeyedMutex<K>,
    key: K,
    mutex: Arc<tokio::sync::Mutex<()>>,
}

impl<K: Copy + Eq + Hash> KeyedMutex<K> {
    /// Waits until no one holds the key. Tasks get it in the order in which they asked.
    pub(crate) async fn lock(&self, key: K) -> KeyedGuard<K> {
        let entry = self.entry(key);
        let guard = entry.mutex.clone().lock_owned().await;
        KeyedGuard { _guard: guard, _entry: entry }
    }

    /// Returns `None` if the key is held, or another task waits for it.
    pub(crate) fn try_lock(&self, key: K) -> Option<KeyedGuard<K>> {
        let entry = self.entry(key);
        let guard = entry.mutex.clone().try_lock_owned().ok()?;
        Some(KeyedGuard { _guard: guard, _entry: entry })
    }

    fn entry(&self, key: K) -> Entry<K> {
        let mut mutexes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Entry { mutexes: self.clone(), key, mutex: mutexes.entry(key).or_default().clone() }
    }
}

impl<K: Copy + Eq + Hash> Drop for Entry<K> {
    fn drop(&mut self) {
        let mut mutexes = self.mutexes.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The map has one reference and this entry the other. References are only added under the lock of the map.
        if Arc::strong_count(&self.mutex) == 2 {
            mutexes.remove(&self.key);
        }
    }
}

impl<K: Copy + Eq + Hash> Clone for KeyedMutex<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Copy + Eq + Hash> Default for KeyedMutex<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Copy + Eq + Hash> fmt::Debug for KeyedMutex<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyedMutex")
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn one_task_holds_a_key_and_the_others_get_it_in_order() {
        let mutexes = KeyedMutex::default();
        let first = mutexes.lock(1).now_or_never().expect("the key is free");
        assert!(mutexes.try_lock(1).is_none(), "the key is held");
        assert!(mutexes.try_lock(2).is_some(), "another key is free");
        let (mut second, mut third) = (Box::pin(mutexes.lock(1)), Box::pin(mutexes.lock(1)));
        assert!(second.as_mut().now_or_never().is_none());
        assert!(third.as_mut().now_or_never().is_none());
        drop(first);
        assert!(mutexes.try_lock(1).is_none(), "a task that waits comes first");
        assert!(third.as_mut().now_or_never().is_none());
        drop(second.now_or_never().expect("the first that waited"));
        drop(third.now_or_never().expect("the second that waited"));
        assert!(mutexes.try_lock(1).is_some());
    }

    #[test]
    fn a_mutex_ends_with_its_last_user() {
        let mutexes = KeyedMutex::default();
        let held = mutexes.try_lock(1);
        let mut given_up = Box::pin(mutexes.lock(1));
        assert!(given_up.as_mut().now_or_never().is_none());
        drop(held);
        drop(given_up);
        drop(mutexes.try_lock(2));
        assert!(mutexes.0.lock().expect("no panic").is_empty());
    }
}
