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

/// The feed of live updates: its subscribers and its delay.
#[derive(Clone, Debug)]
pub(crate) struct FeedMetrics {
    watched_workshops: Gauge,
    journal_followers: Gauge,
    delays: Histogram,
    lag: Gauge<f64, AtomicU64>,
    behind_since: Arc<Mutex<Option<Instant>>>,
}

impl Default for FeedMetrics {
    fn default() -> Self {
        Self {
            watched_workshops: Gauge::default(),
            journal_followers: Gauge::default(),
            delays: Histogram::new(SECONDS),
            lag: Gauge::default(),
            behind_since: Arc::default(),
        }
    }
}

impl FeedMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Workshops whose seats have subscribers";
        registry.register("watched_workshops", help, self.watched_workshops.clone());
        let help = "Subscriptions that follow the journal";
        registry.register("journal_followers", help, self.journal_followers.clone());
        let help = "Time between the commit of a journal entry and its delivery to subscriptions";
        registry.register_with_unit("journal_delay", help, Unit::Seconds, self.delays.clone());
        let help = "How long journal entries have been waiting that cannot be delivered yet; 0: none";
        registry.register_with_unit("journal_lag", help, Unit::Seconds, self.lag.clone());
    }

    /// Records the delivery of entries. `delay`: the age of the oldest one.
    pub(crate) fn record_delay(&self, delay: TimeDelta) {
        // The clocks of servers differ: an entry of another server can be from the future.
        self.delays.observe(delay.to_std().unwrap_or_default().as_secs_f64());
    }

    /// Records a poll of the feed. `is_behind`: some entries cannot be delivered yet.
    pub(crate) fn record_poll(&self, followers: FollowerCounts, is_behind: bool) {
        self.watched_workshops.set(i64::try_from(followers.watched_workshops).unwrap_or(i64::MAX));
        self.journal_followers.set(i64::try_from(followers.journal_followers).unwrap_or(i64::MAX));
        let mut since = self.behind_since.lock().unwrap_or_else(PoisonError::into_inner);
        *since = is_behind.then(|| since.unwrap_or_else(Instant::now));
    }

    pub(super) fn record_gauges(&self) {
        let since = *self.behind_since.lock().unwrap_or_else(PoisonError::into_inner);
        self.lag.set(since.map_or(Duration::ZERO, |since| since.elapsed()).as_secs_f64());
    }
}
