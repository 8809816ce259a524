//! The public keys of the identity provider, cached.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use domain::Timestamp;
use jsonwebtoken::jwk::Jwk;
use persistence::Clock;
use tokio::time::{Instant, interval_at};

use super::jwks_source::JwksSource;
use crate::graphql::Fault;

/// The age at which cached keys are read again.
const REFRESH_AFTER: TimeDelta = TimeDelta::minutes(10);
/// How often the keys are read while the server runs, so that it also notices a withdrawn key if no token arrives.
pub(super) const REFRESH_INTERVAL: Duration = Duration::from_mins(10);
/// The minimum time between two attempts to read the keys.
const RETRY_INTERVAL: TimeDelta = TimeDelta::seconds(30);
/// The age at which cached keys are no longer used if they cannot be read again.
const MAX_AGE: TimeDelta = TimeDelta::days(1);

/// The keys of a source, cached.
pub(super) struct Jwks {
    source: JwksSource,
    cache: Mutex<CachedKeys>,
    /// Held while the keys are read, so that concurrent requests share one attempt.
    refresh: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Clone, Default)]
struct CachedKeys {
    keys: Option<Arc<Vec<Jwk>>>,
    read_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
}

impl CachedKeys {
    /// The keys, unless they are too old: older keys may have been withdrawn.
    fn usable(&self, now: Timestamp) -> Option<Arc<Vec<Jwk>>> {
        let is_usable = self.read_at.is_some_and(|read_at| (now - read_at).abs() < MAX_AGE);
        self.keys.clone().filter(|_| is_usable)
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        self.read_at.is_some_and(|read_at| (now - read_at).abs() < REFRESH_AFTER)
    }

    /// Whether the last attempt to read the keys is long enough ago.
    fn can_retry(&self, now: Timestamp) -> bool {
        self.tried_at.is_none_or(|tried_at| (now - tried_at).abs() >= RETRY_INTERVAL)
    }
}

impl Jwks {
    pub(super) fn new(source: JwksSource) -> Self {
        Self { source, cache: Mutex::default(), refresh: Arc::default() }
    }

    /// Reads the keys for the first time. A file must exist; a URL can be unreachable for a while.
    pub(super) async fn prepare(&self, now: Timestamp) -> Result<(), String> {
        match (self.read(now).await, &self.source) {
            (Err(reason), JwksSource::File(file)) => Err(format!(
                "cannot read the keys of the identity provider from {} (--token-jwks): {reason}",
                file.display()
            )),
            _ => Ok(()),
        }
    }

    /// Reads the keys again at each interval, for as long as they are in use.
    pub(super) fn start_refreshing(self: &Arc<Self>, clock: &Clock, interval: Duration) {
        let (jwks, clock) = (Arc::downgrade(self), clock.clone());
        tokio::spawn(async move {
            let mut ticks = interval_at(Instant::now() + interval, interval);
            loop {
                ticks.tick().await;
                let Some(jwks) = jwks.upgrade() else { return };
                jwks.refresh(clock.now()).await;
            }
        });
    }

    /// All keys. If they are old, they are read again in the background: a slow identity provider delays no token. Only a
    /// token with an unknown `kid`, or the lack of usable keys, waits until the keys are read.
    pub(super) async fn keys(self: &Arc<Self>, kid: Option<&str>, now: Timestamp) -> Result<Arc<Vec<Jwk>>, Fault> {
        let cache = self.cache().clone();
        if let Some(keys) = cache.usable(now).filter(|keys| kid.map_or(!keys.is_empty(), |kid| has(keys, kid))) {
            if !cache.is_fresh(now) {
                self.refresh_in_background(now);
            }
            return Ok(keys);
        }
        self.refresh(now).await;
        self.cache().usable(now).ok_or(Fault::Unavailable)
    }

    /// Reads the keys, unless the last attempt was a moment ago. Waits for an attempt in progress.
    async fn refresh(&self, now: Timestamp) {
        let _guard = self.refresh.lock().await;
        if self.cache().can_retry(now) {
            // `read` logs the error.
            let _ = self.read(now).await;
        }
    }

    fn refresh_in_background(self: &Arc<Self>, now: Timestamp) {
        // An attempt in progress serves this request, too.
        let Ok(guard) = self.refresh.clone().try_lock_owned() else { return };
        if self.cache().can_retry(now) {
            let jwks = self.clone();
            tokio::spawn(async move {
                // `read` logs the error.
                let _ = jwks.read(now).await;
                drop(guard);
            });
        }
    }

    async fn read(&self, now: Timestamp) -> Result<(), String> {
        self.cache().tried_at = Some(now);
        let source = self.source.clone();
        let result = tokio::task::spawn_blocking(move || source.read()).await;
        match result.unwrap_or_else(|_| Err("the reader panicked".to_owned())) {
            // The first read must find a key; later a provider can withdraw all keys.
            Ok(keys) if keys.is_empty() && self.cache().keys.is_none() => {
                tracing::warn!(source = %self.source, "the identity provider has no keys yet; tokens are rejected until it has");
                Err("it contains no public key for signatures".to_owned())
            }
            Ok(keys) => {
                let mut cache = self.cache();
                cache.keys = Some(Arc::new(keys));
                cache.read_at = Some(now);
                Ok(())
            }
            Err(reason) => {
                tracing::warn!(
                    source = %self.source,
                    reason,
                    "cannot read the keys of the identity provider; the last keys are used for up to a day"
                );
                Err(reason)
            }
        }
    }

    fn cache(&self) -> MutexGuard<'_, CachedKeys> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn has(keys: &[Jwk], kid: &str) -> bool {
    keys.iter().any(|key| key.common.key_id.as_deref() == Some(kid))
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Write},
        net::TcpListener,
        sync::{
            atomic::{AtomicI64, Ordering},
            mpsc,
        },
    };

    use super::*;

    /// Answers each request with an empty key set, and reports it.
    fn serve_key_sets(listener: TcpListener) -> mpsc::Receiver<()> {
        let (sender, requests) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = BufReader::new(stream.unwrap());
                let mut line = String::new();
                while stream.read_line(&mut line).unwrap() > 2 {
                    line.clear();
                }
                stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"keys\":[]}").unwrap();
                if sender.send(()).is_err() {
                    return;
                }
            }
        });
        requests
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn keys_are_read_again_while_no_token_arrives() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let source = JwksSource::Address(format!("http://{}/", listener.local_addr().unwrap()));
        let requests = serve_key_sets(listener);
        // Each reading of this clock is a minute after the last.
        let minutes = AtomicI64::new(0);
        let clock =
            Clock::from_fn(move || Timestamp::UNIX_EPOCH + TimeDelta::minutes(minutes.fetch_add(1, Ordering::Relaxed)));
        let jwks = Arc::new(Jwks::new(source));
        jwks.prepare(clock.now()).await.unwrap();
        jwks.start_refreshing(&clock, Duration::from_millis(1));
        for _ in 0..3 {
            requests.recv_timeout(Duration::from_mins(1)).unwrap();
        }
    }
}
