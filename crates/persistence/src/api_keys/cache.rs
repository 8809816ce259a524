use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use domain::{ApiKeyId, ApiKeyPrefix, Timestamp};
use hashlink::LruCache;
use tokio::sync::watch;

use super::AuthenticatedKey;

/// How long a key is taken for what it was: for so long another server may still let in who was revoked here.
const FRESH: TimeDelta = TimeDelta::seconds(5);
/// How exactly it is known when a key was last used.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);
/// The most keys of which anything is remembered.
const MOST: usize = 10_000;

/// What a server remembers of keys between requests. A key that there is not is asked for each time.
pub(crate) struct ApiKeyCache {
    remembered: Mutex<Remembered>,
    /// Says that keys were changed.
    changed: watch::Sender<()>,
}

struct Remembered {
    keys: LruCache<ApiKeyPrefix, (Arc<AuthenticatedKey>, Timestamp)>,
    /// When it was last noted that a key was used.
    noted: LruCache<ApiKeyId, Timestamp>,
    /// How often something was forgotten: what was read before is not remembered after it.
    forgotten: u64,
}

impl ApiKeyCache {
    pub(crate) fn fresh(&self, prefix: &ApiKeyPrefix, now: Timestamp) -> Result<Arc<AuthenticatedKey>, u64> {
        let mut remembered = self.lock();
        match remembered.keys.get(prefix) {
            // A clock that was set back does not make it last longer.
            Some((key, read_at)) if (now - *read_at).abs() < FRESH => Ok(key.clone()),
            _ => Err(remembered.forgotten),
        }
    }

    /// Remembers what was read, unless something was forgotten since.
    pub(crate) fn keep(&self, prefix: ApiKeyPrefix, key: Arc<AuthenticatedKey>, read_at: Timestamp, since: u64) {
        let mut remembered = self.lock();
        if remembered.forgotten == since {
            remembered.keys.insert(prefix, (key, read_at));
        }
    }

    /// Forgets what was known of all keys, for one was changed; that is rare, and the rest is read again.
    pub(crate) fn forget(&self) {
        let mut remembered = self.lock();
        remembered.keys.clear();
        remembered.forgotten += 1;
        drop(remembered);
        self.changed.send_replace(());
    }

    /// Hears of it when keys are changed on this server.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Whether it is to be noted that this key is used.
    pub(crate) fn is_to_be_noted(&self, key: ApiKeyId, now: Timestamp) -> bool {
        let mut remembered = self.lock();
        let is_known = remembered.noted.get(&key).is_some_and(|noted| (now - *noted).abs() < NOTED_EVERY);
        if !is_known {
            remembered.noted.insert(key, now);
        }
        !is_known
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ApiKeyCache {
    fn default() -> Self {
        let remembered = Remembered { keys: LruCache::new(MOST), noted: LruCache::new(MOST), forgotten: 0 };
        Self { remembered: Mutex::new(remembered), changed: watch::Sender::new(()) }
    }
}
