use std::{
    fmt,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use governor::{
    Quota, RateLimiter, clock::Clock, middleware::StateInformationMiddleware, state::keyed::DashMapStateStore,
};

use super::RateLimitKey;

/// How often buckets that are full again are let go of, in payments.
const SWEEP: usize = 4_096;

/// How much each caller may ask for.
#[derive(Clone, Copy, Debug)]
pub struct RateLimits {
    /// Cost that a bucket gets back in a minute; 0: nobody counts.
    pub per_minute: u32,
    /// Cost that a bucket holds when it is full.
    pub burst: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { per_minute: 200_000, burst: 200_000 }
    }
}

/// What a bucket looks like after something was taken, or was not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Level {
    pub(crate) remaining: u32,
    /// Until it is full.
    pub(crate) full_in: Duration,
    /// Until what was asked for is there; nothing was taken then.
    pub(crate) wait: Option<Duration>,
}

/// Tells how much time has gone by since some moment.
#[derive(Clone)]
pub struct Ticks(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Ticks {
    /// Of the machine's clock that is never set.
    pub fn system() -> Self {
        let begun = Instant::now();
        Self::from_fn(move || begun.elapsed())
    }

    /// Of any clock.
    pub fn from_fn(elapsed: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(elapsed))
    }
}

impl fmt::Debug for Ticks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ticks").field(&(self.0)()).finish()
    }
}

impl Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        (self.0)()
    }
}

/// Everybody's buckets.
#[derive(Debug)]
pub(crate) struct Buckets {
    limiter: RateLimiter<RateLimitKey, DashMapStateStore<RateLimitKey>, Ticks, StateInformationMiddleware>,
    ticks: Ticks,
    /// Within which time one unit of cost comes back.
    each: Duration,
    burst: NonZeroU32,
    payments: AtomicUsize,
}

impl Buckets {
    /// `None`: nobody counts.
    pub(crate) fn new(limits: RateLimits, ticks: Ticks) -> Option<Self> {
        let (per_minute, burst) = (NonZeroU32::new(limits.per_minute)?, NonZeroU32::new(limits.burst)?);
        let each = Duration::from_mins(1) / per_minute.get();
        let quota = Quota::with_period(each)?.allow_burst(burst);
        let limiter = RateLimiter::new(quota, DashMapStateStore::default(), ticks.clone());
        Some(Self { limiter, ticks, each, burst, payments: AtomicUsize::new(0) })
    }

    /// What a full bucket holds, and how long an empty one takes to fill.
    pub(crate) fn policy(&self) -> (u32, Duration) {
        (self.burst.get(), self.each * self.burst.get())
    }

    /// Takes a cost out of somebody's bucket if it is there. One that no bucket could ever hold takes a full one.
    pub(crate) fn take(&self, payer: &RateLimitKey, cost: usize) -> Level {
        if self.payments.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        let cost = NonZeroU32::new(u32::try_from(cost).unwrap_or(u32::MAX)).unwrap_or(NonZeroU32::MIN).min(self.burst);
        match self.limiter.check_key_n(payer, cost) {
            Ok(Ok(state)) => {
                let remaining = state.remaining_burst_capacity();
                Level { remaining, full_in: self.each * (self.burst.get() - remaining), wait: None }
            }
            Ok(Err(not_until)) => {
                let wait = not_until.wait_time_from(self.ticks.now());
                // So much is missing now; all the rest of the cost is there.
                let missing = u32::try_from(wait.as_nanos().div_ceil(self.each.as_nanos().max(1))).unwrap_or(u32::MAX);
                let remaining = cost.get().saturating_sub(missing);
                Level { remaining, full_in: self.each * (self.burst.get() - remaining), wait: Some(wait) }
            }
            // Not with a cost that was made to fit.
            Err(_) => Level { remaining: 0, full_in: Duration::ZERO, wait: Some(Duration::from_mins(1)) },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    fn buckets(per_minute: u32, burst: u32) -> (Buckets, Arc<AtomicU64>) {
        let seconds = Arc::new(AtomicU64::new(1_000));
        let read = seconds.clone();
        let ticks = Ticks::from_fn(move || Duration::from_secs(read.load(Ordering::Relaxed)));
        (Buckets::new(RateLimits { per_minute, burst }, ticks).unwrap(), seconds)
    }

    #[test]
    fn what_was_taken_comes_back_with_time() {
        let (buckets, seconds) = buckets(60, 100);
        let (ann, bob) = (RateLimitKey::Nowhere, RateLimitKey::at(Some([192, 0, 2, 1].into())));
        let taken = |remaining: u32| {
            let full_in = Duration::from_secs((100 - remaining).into());
            Level { remaining, full_in, wait: None }
        };
        assert_eq!(buckets.take(&ann, 70), taken(30));
        assert_eq!(buckets.take(&bob, 1), taken(99));
        let refused = Level { wait: Some(Duration::from_secs(10)), ..taken(30) };
        assert_eq!(buckets.take(&ann, 40), refused);
        assert_eq!(buckets.take(&ann, 40), refused, "what was refused costs nothing");
        seconds.fetch_add(10, Ordering::Relaxed);
        assert_eq!(buckets.take(&ann, 40), taken(0));
        seconds.fetch_add(1_000, Ordering::Relaxed);
        assert_eq!(buckets.take(&ann, 100), taken(0));
        assert_eq!(buckets.policy(), (100, Duration::from_secs(100)));
    }

    #[test]
    fn a_cost_that_no_bucket_holds_takes_a_full_one() {
        let (buckets, _) = buckets(60, 100);
        assert_eq!(buckets.take(&RateLimitKey::Nowhere, 1_000_000).remaining, 0);
        assert_eq!(buckets.take(&RateLimitKey::Nowhere, usize::MAX).wait, Some(Duration::from_secs(100)));
    }

    #[test]
    fn buckets_that_are_full_again_are_let_go_of() {
        let (buckets, seconds) = buckets(60, 100);
        for number in 0..3_000_u16 {
            let [high, low] = number.to_be_bytes();
            buckets.take(&RateLimitKey::at(Some([10, 0, high, low].into())), 1);
        }
        seconds.fetch_add(1_000, Ordering::Relaxed);
        for _ in 3_000..SWEEP {
            buckets.take(&RateLimitKey::Nowhere, 1);
        }
        assert_eq!(buckets.limiter.len(), 1);
    }

    #[test]
    fn nobody_counts_when_nothing_is_given() {
        assert!(Buckets::new(RateLimits { per_minute: 0, burst: 100 }, Ticks::system()).is_none());
    }
}
