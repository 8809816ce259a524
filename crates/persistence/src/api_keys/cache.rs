use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use domain::{ApiKeyId, ApiKeyPrefix, Timestamp};
use hashlink::LruCache;
use tokio::sync::watch;

use super::AuthenticatedKey;

/// How long an entry is valid: the longest time for which a key that was revoked on another server remains usable here.
const TIME_TO_LIVE: TimeDelta = TimeDelta::seconds(5);
/// The precision of a key's last use.
const USE_INTERVAL: TimeDelta = TimeDelta::minutes(1);
/// The maximum number of keys in the cache.
const CAPACITY: usize = 10_000;

/// Authenticated keys between requests. Unknown keys are not cached.
pub(crate) struct ApiKeyCache {
    entries: Mutex<Entries>,
    /// Notifies of changed keys.
    changed: watch::Sender<()>,
}

struct Entries {
    /// Keys with the time at which they were read.
    keys: LruCache<ApiKeyPrefix, (Arc<AuthenticatedKey>, Timestamp)>,
    /// When the use of a key was last recorded.
    recorded_uses: LruCache<ApiKeyId, Timestamp>,
    /// The number of invalidations. A key that was read before the last one is not inserted after it.
    generation: u64,
}

impl ApiKeyCache {
    /// The key with this prefix, or else the generation to pass to [`Self::insert`].
    pub(crate) fn get(&self, prefix: &ApiKeyPrefix, now: Timestamp) -> Result<Arc<AuthenticatedKey>, u64> {
        let mut entries = self.lock();
        match entries.keys.get(prefix) {
            // `abs`: an entry does not live longer after the clock was set back.
            Some((key, read_at)) if (now - *read_at).abs() < TIME_TO_LIVE => Ok(key.clone()),
            _ => Err(entries.generation),
        }
    }

    /// Inserts a key that was read, unless the cache was invalidated since `generation`.
    pub(crate) fn insert(&self, prefix: ApiKeyPrefix, key: Arc<AuthenticatedKey>, read_at: Timestamp, generation: u64) {
        let mut entries = self.lock();
        if entries.generation == generation {
            entries.keys.insert(prefix, (key, read_at));
        }
    }

    /// Removes all keys, because one has changed. Changes are rare, and the other keys are read again.
    pub(crate) fn invalidate(&self) {
        let mut entries = self.lock();
        entries.keys.clear();
        entries.generation += 1;
        drop(entries);
        self.changed.send_replace(());
    }

    /// Notifies when keys change on this server.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Whether the caller has to record this use of a key. At most one use in a [`USE_INTERVAL`] is recorded.
    pub(crate) fn should_record_use(&self, key: ApiKeyId, now: Timestamp) -> bool {
        let mut entries = self.lock();
        let is_recorded = entries.recorded_uses.get(&key).is_some_and(|used_at| (now - *used_at).abs() < USE_INTERVAL);
        if !is_recorded {
            entries.recorded_uses.insert(key, now);
        }
        !is_recorded
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ApiKeyCache {
    fn default() -> Self {
        let entries = Entries { keys: LruCache::new(CAPACITY), recorded_uses: LruCache::new(CAPACITY), generation: 0 };
        Self { entries: Mutex::new(entries), changed: watch::Sender::new(()) }
    }
}
