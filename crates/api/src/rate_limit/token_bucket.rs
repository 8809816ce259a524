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

use crate::caller_key::CallerKey;

/// The number of charges after which full buckets are removed from memory.
const CHARGES_BETWEEN_SWEEPS: usize = 4_096;

/// The cost that each caller can spend.
#[derive(Clone, Copy, Debug)]
pub struct RateLimits {
    /// The cost that a bucket regains per minute; 0: rate limiting is off.
    pub per_minute: u32,
    /// The capacity of a bucket, in cost.
    pub burst: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { per_minute: 200_000, burst: 200_000 }
    }
}

/// The state of a bucket after a charge.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct BucketState {
    pub(crate) remaining: u32,
    /// The time until the bucket is full.
    pub(crate) full_in: Duration,
    /// `Some`: the charge was rejected and took nothing; it would succeed after this time.
    pub(crate) retry_in: Option<Duration>,
}

/// A clock that measures the time since a fixed moment and never goes back.
#[derive(Clone)]
pub struct MonotonicClock(Arc<dyn Fn() -> Duration + Send + Sync>);

impl MonotonicClock {
    /// The monotonic clock of the machine.
    pub fn system() -> Self {
        let start = Instant::now();
        Self::from_fn(move || start.elapsed())
    }

    /// A clock that reads this function.
    pub fn from_fn(elapsed: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(elapsed))
    }
}

impl fmt::Debug for MonotonicClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MonotonicClock").field(&(self.0)()).finish()
    }
}

impl Clock for MonotonicClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        (self.0)()
    }
}

/// The token buckets of all callers.
#[derive(Debug)]
pub(crate) struct Buckets {
    limiter: RateLimiter<CallerKey, DashMapStateStore<CallerKey>, MonotonicClock, StateInformationMiddleware>,
    clock: MonotonicClock,
    /// The time in which a bucket regains one unit of cost.
    refill_period: Duration,
    burst: NonZeroU32,
    charges: AtomicUsize,
}

impl Buckets {
    /// `None`: rate limiting is off.
    pub(crate) fn new(limits: RateLimits, clock: MonotonicClock) -> Option<Self> {
        let (per_minute, burst) = (NonZeroU32::new(limits.per_minute)?, NonZeroU32::new(limits.burst)?);
        let refill_period = Duration::from_mins(1) / per_minute.get();
        let quota = Quota::with_period(refill_period)?.allow_burst(burst);
        let limiter = RateLimiter::new(quota, DashMapStateStore::default(), clock.clone());
        Some(Self { limiter, clock, refill_period, burst, charges: AtomicUsize::new(0) })
    }

    /// The capacity of a bucket, and the time in which an empty one fills.
    pub(crate) fn policy(&self) -> (u32, Duration) {
        (self.burst.get(), self.refill_period * self.burst.get())
    }

    /// Takes a cost from a bucket if it has that much. A cost above the capacity takes a full bucket.
    pub(crate) fn take(&self, key: &CallerKey, cost: usize) -> BucketState {
        let charges = self.charges.fetch_add(1, Ordering::Relaxed);
        if charges % CHARGES_BETWEEN_SWEEPS == CHARGES_BETWEEN_SWEEPS - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        let cost = NonZeroU32::new(u32::try_from(cost).unwrap_or(u32::MAX)).unwrap_or(NonZeroU32::MIN).min(self.burst);
        let state = |remaining: u32, retry_in| BucketState {
            remaining,
            full_in: self.refill_period * (self.burst.get() - remaining),
            retry_in,
        };
        match self.limiter.check_key_n(key, cost) {
            Ok(Ok(snapshot)) => state(snapshot.remaining_burst_capacity(), None),
            Ok(Err(not_until)) => {
                let retry_in = not_until.wait_time_from(self.clock.now());
                // The waiting time is what the bucket lacks; it holds the rest of the cost.
                let missing = retry_in.as_nanos().div_ceil(self.refill_period.as_nanos().max(1));
                let missing = u32::try_from(missing).unwrap_or(u32::MAX);
                state(cost.get().saturating_sub(missing), Some(retry_in))
            }
            // Unreachable: the cost is at most the capacity.
            Err(_) => BucketState { remaining: 0, full_in: Duration::ZERO, retry_in: Some(Duration::from_mins(1)) },
        }
    }

    /// Takes a cost from a bucket, or what the bucket has.
    pub(crate) fn take_at_most(&self, key: &CallerKey, cost: usize) -> BucketState {
        let mut state = self.take(key, cost);
        if state.retry_in.is_some() && state.remaining > 0 {
            state = self.take(key, state.remaining as usize);
        }
        BucketState { retry_in: None, ..state }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    fn buckets(per_minute: u32, burst: u32) -> (Buckets, Arc<AtomicU64>) {
        let seconds = Arc::new(AtomicU64::new(1_000));
        let read = seconds.clone();
        let clock = MonotonicClock::from_fn(move || Duration::from_secs(read.load(Ordering::Relaxed)));
        (Buckets::new(RateLimits { per_minute, burst }, clock).unwrap(), seconds)
    }

    #[test]
    fn a_bucket_refills_with_time() {
        let (buckets, seconds) = buckets(60, 100);
        let (ann, bob) = (CallerKey::InProcess, CallerKey::at(Some([192, 0, 2, 1].into())));
        let taken = |remaining: u32| {
            let full_in = Duration::from_secs((100 - remaining).into());
            BucketState { remaining, full_in, retry_in: None }
        };
        assert_eq!(buckets.take(&ann, 70), taken(30));
        assert_eq!(buckets.take(&bob, 1), taken(99));
        let rejected = BucketState { retry_in: Some(Duration::from_secs(10)), ..taken(30) };
        assert_eq!(buckets.take(&ann, 40), rejected);
        assert_eq!(buckets.take(&ann, 40), rejected, "a rejected charge costs nothing");
        seconds.fetch_add(10, Ordering::Relaxed);
        assert_eq!(buckets.take(&ann, 40), taken(0));
        seconds.fetch_add(1_000, Ordering::Relaxed);
        assert_eq!(buckets.take(&ann, 100), taken(0));
        assert_eq!(buckets.policy(), (100, Duration::from_secs(100)));
    }

    #[test]
    fn a_cost_above_the_capacity_takes_a_full_bucket() {
        let (buckets, _) = buckets(60, 100);
        assert_eq!(buckets.take(&CallerKey::InProcess, 1_000_000).remaining, 0);
        assert_eq!(buckets.take(&CallerKey::InProcess, usize::MAX).retry_in, Some(Duration::from_secs(100)));
    }

    #[test]
    fn work_that_is_done_takes_what_the_bucket_has() {
        let (buckets, seconds) = buckets(60, 100);
        let ann = CallerKey::InProcess;
        assert_eq!(buckets.take_at_most(&ann, 70).remaining, 30);
        let emptied = buckets.take_at_most(&ann, 70);
        assert_eq!((emptied.remaining, emptied.retry_in), (0, None));
        assert_eq!(buckets.take_at_most(&ann, 70).remaining, 0);
        seconds.fetch_add(10, Ordering::Relaxed);
        assert_eq!(buckets.take(&ann, 10).retry_in, None, "a bucket never has less than nothing");
    }

    #[test]
    fn full_buckets_are_removed() {
        let (buckets, seconds) = buckets(60, 100);
        for number in 0..3_000_u16 {
            let [high, low] = number.to_be_bytes();
            buckets.take(&CallerKey::at(Some([10, 0, high, low].into())), 1);
        }
        seconds.fetch_add(1_000, Ordering::Relaxed);
        for _ in 3_000..CHARGES_BETWEEN_SWEEPS {
            buckets.take(&CallerKey::InProcess, 1);
        }
        assert_eq!(buckets.limiter.len(), 1);
    }

    #[test]
    fn a_limit_of_zero_turns_rate_limiting_off() {
        assert!(Buckets::new(RateLimits { per_minute: 0, burst: 100 }, MonotonicClock::system()).is_none());
    }
}
