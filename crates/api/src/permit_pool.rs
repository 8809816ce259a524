//! Permits of a scarce resource, shared fairly among callers.
//!
//! A caller has a fixed quota. As the pool empties, each caller's share shrinks, so the callers that hold the most are the
//! first to be refused. This is the dynamic threshold of shared-memory switches (Choudhury and Hahne, 1998): a caller can
//! hold at most a multiple of the permits that are free. One caller can take three quarters of the pool, two together six
//! sevenths, and a part always remains for callers that hold little.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use prometheus_client::{metrics::gauge::Gauge, registry::Registry};

use crate::{
    caller_key::CallerKey,
    graphql::{Code, Failure},
};

/// A caller can hold this many times as many permits as are free.
const SHARE: usize = 3;

/// A fixed number of permits, with a gauge of those in use.
#[derive(Clone, Debug)]
pub(crate) struct PermitPool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// What a permit allows to have, in the plural.
    resource: &'static str,
    max: usize,
    max_per_caller: usize,
    held: Mutex<Held>,
    in_use: Gauge,
}

#[derive(Debug, Default)]
struct Held {
    total: usize,
    by_caller: HashMap<CallerKey, usize>,
}

/// Permits of one caller. They return to the pool when this is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    pool: PermitPool,
    caller: CallerKey,
    count: usize,
}

/// Why a permit was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PermitRefused {
    /// The caller holds as many as one caller can.
    Quota { resource: &'static str, limit: usize },
    /// Too few are free for a caller that holds as many as this one.
    Exhausted { resource: &'static str },
}

impl PermitPool {
    /// A pool of `max` permits. A caller can hold `max_per_caller`.
    pub(crate) fn new(resource: &'static str, max: usize, max_per_caller: usize) -> Self {
        Self(Arc::new(Inner { resource, max, max_per_caller, held: Mutex::default(), in_use: Gauge::default() }))
    }

    /// Takes a permit for a caller.
    pub(crate) fn acquire(&self, caller: CallerKey) -> Result<Permit, PermitRefused> {
        self.acquire_many(caller, 1)
    }

    /// Takes `count` permits for a caller, or none.
    pub(crate) fn acquire_many(&self, caller: CallerKey, count: usize) -> Result<Permit, PermitRefused> {
        self.take(&mut self.held(), &caller, count)?;
        Ok(Permit { pool: self.clone(), caller, count })
    }

    fn take(&self, held: &mut Held, caller: &CallerKey, count: usize) -> Result<(), PermitRefused> {
        let Inner { resource, max, max_per_caller, .. } = *self.0;
        let (free, wanted) = (max - held.total, held.by_caller.get(caller).unwrap_or(&0) + count);
        if wanted > max_per_caller {
            return Err(PermitRefused::Quota { resource, limit: max_per_caller });
        }
        if count > free || wanted > SHARE.saturating_mul(free) {
            return Err(PermitRefused::Exhausted { resource });
        }
        held.total += count;
        *held.by_caller.entry(caller.clone()).or_default() += count;
        Ok(())
    }

    fn give_back(held: &mut Held, caller: &CallerKey, count: usize) {
        held.total -= count;
        if let Some(of_caller) = held.by_caller.get_mut(caller) {
            *of_caller -= count;
            if *of_caller == 0 {
                held.by_caller.remove(caller);
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers the gauge of the permits in use, and the size of the pool.
    pub(crate) fn register(&self, registry: &mut Registry, name: &str, help: &str) {
        registry.register(name, help, self.0.in_use.clone());
        let size: Gauge = Gauge::default();
        size.set(i64::try_from(self.0.max).unwrap_or(i64::MAX));
        registry.register(format!("{name}_max"), format!("{help}, maximum"), size);
    }

    /// Sets the gauge to the current number of permits in use.
    pub(crate) fn update(&self) {
        self.0.in_use.set(i64::try_from(self.held().total).unwrap_or(i64::MAX));
    }
}

impl Permit {
    /// The caller that holds the permits.
    pub(crate) fn caller(&self) -> &CallerKey {
        &self.caller
    }

    /// Takes `count` more permits, or none.
    pub(crate) fn grow(&mut self, count: usize) -> Result<(), PermitRefused> {
        self.pool.take(&mut self.pool.held(), &self.caller, count)?;
        self.count += count;
        Ok(())
    }

    /// Counts the permits for another caller, if that caller can hold them.
    pub(crate) fn transfer(&mut self, caller: CallerKey) -> Result<(), PermitRefused> {
        if caller == self.caller {
            return Ok(());
        }
        let mut held = self.pool.held();
        // First, because the permits do not become more.
        PermitPool::give_back(&mut held, &self.caller, self.count);
        let taken = self.pool.take(&mut held, &caller, self.count);
        if taken.is_ok() {
            self.caller = caller;
        } else {
            held.total += self.count;
            *held.by_caller.entry(self.caller.clone()).or_default() += self.count;
        }
        taken
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        PermitPool::give_back(&mut self.pool.held(), &self.caller, self.count);
    }
}

impl From<PermitRefused> for Failure {
    fn from(refused: PermitRefused) -> Self {
        match refused {
            PermitRefused::Quota { resource, limit } => {
                let message = format!(
                    "You have reached your limit of {limit} {resource} at a time. Try again when you have fewer."
                );
                Self { code: Code::RateLimited, message }
            }
            PermitRefused::Exhausted { resource } => {
                let message = format!("The server has reached its limit of {resource}. Try again later.");
                Self { code: Code::Overloaded, message }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(number: u8) -> CallerKey {
        CallerKey::at(Some([192, 0, 2, number].into()))
    }

    /// Takes as many permits as a caller can get.
    fn take_all(pool: &PermitPool, number: u8) -> Vec<Permit> {
        std::iter::from_fn(|| pool.acquire(caller(number)).ok()).collect()
    }

    #[test]
    fn a_caller_that_holds_the_most_is_refused_first() {
        let pool = PermitPool::new("permits", 100, 100);
        let first = take_all(&pool, 1);
        let second = take_all(&pool, 2);
        assert_eq!((first.len(), second.len()), (75, 19));
        let _others: Vec<_> = (3..6).map(|number| pool.acquire(caller(number)).unwrap()).collect();
        assert_eq!(pool.acquire(caller(1)).unwrap_err(), PermitRefused::Exhausted { resource: "permits" });
        drop(first);
        assert_eq!(take_all(&pool, 2).len(), 54, "73 with those it holds");
    }

    #[test]
    fn a_small_pool_can_be_used_up() {
        for size in 0..=3 {
            assert_eq!(take_all(&PermitPool::new("permits", size, 100), 1).len(), size);
        }
    }

    #[test]
    fn a_caller_has_a_quota() {
        let pool = PermitPool::new("permits", 100, 10);
        let _held = take_all(&pool, 1);
        assert_eq!(pool.held().total, 10);
        assert_eq!(pool.acquire(caller(1)).unwrap_err(), PermitRefused::Quota { resource: "permits", limit: 10 });
    }

    #[test]
    fn permits_move_to_another_caller_within_its_quota() {
        let pool = PermitPool::new("permits", 2, 1);
        let (mut first, second) = (pool.acquire(caller(1)).unwrap(), pool.acquire(caller(2)).unwrap());
        assert_eq!(first.transfer(caller(2)).unwrap_err(), PermitRefused::Quota { resource: "permits", limit: 1 });
        drop(second);
        assert_eq!(first.transfer(caller(2)), Ok(()));
        assert_eq!(first.grow(1).unwrap_err(), PermitRefused::Quota { resource: "permits", limit: 1 });
        drop(pool.acquire(caller(1)).unwrap());
        drop(first);
        assert!(pool.held().by_caller.is_empty() && pool.held().total == 0);
    }
}
