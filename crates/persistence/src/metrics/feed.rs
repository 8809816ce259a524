use std::{
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU64},
    time::Duration,
};

use chrono::TimeDelta;
use prometheus_client::{
    metrics::{gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};
use tokio::time::Instant;

use super::SECONDS;
use crate::FollowerCounts;

/// What is told live, and how late.
#[derive(Clone, Debug)]
pub(crate) struct FeedMetrics {
    workshops: Gauge,
    readers: Gauge,
    delays: Histogram,
    lag: Gauge<f64, AtomicU64>,
    behind_since: Arc<Mutex<Option<Instant>>>,
}

impl Default for FeedMetrics {
    fn default() -> Self {
        Self {
            workshops: Gauge::default(),
            readers: Gauge::default(),
            delays: Histogram::new(SECONDS),
            lag: Gauge::default(),
            behind_since: Arc::default(),
        }
    }
}

impl FeedMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Workshops whose seats somebody watches";
        registry.register("watched_workshops", help, self.workshops.clone());
        registry.register("journal_followers", "Subscriptions that follow the journal", self.readers.clone());
        let help = "How long after it was written an entry of the journal was told to those who follow";
        registry.register_with_unit("journal_delay", help, Unit::Seconds, self.delays.clone());
        let help = "For how long there have been entries of the journal that could not be told; 0: there are none";
        registry.register_with_unit("journal_lag", help, Unit::Seconds, self.lag.clone());
    }

    /// Entries are told, the oldest of which was written so long ago.
    pub(crate) fn note_delay(&self, delay: TimeDelta) {
        // Clocks of servers differ: another one's entry may come from the future.
        self.delays.observe(delay.to_std().unwrap_or_default().as_secs_f64());
    }

    /// The feed has looked; there may be something that it could not tell yet.
    pub(crate) fn note_look(&self, followed: FollowerCounts, is_behind: bool) {
        self.workshops.set(i64::try_from(followed.workshops).unwrap_or(i64::MAX));
        self.readers.set(i64::try_from(followed.readers).unwrap_or(i64::MAX));
        let mut since = self.behind_since.lock().unwrap_or_else(PoisonError::into_inner);
        *since = is_behind.then(|| since.unwrap_or_else(Instant::now));
    }

    pub(super) fn see(&self) {
        let since = *self.behind_since.lock().unwrap_or_else(PoisonError::into_inner);
        self.lag.set(since.map_or(Duration::ZERO, |since| since.elapsed()).as_secs_f64());
    }
}
