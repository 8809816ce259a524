//! The counters of a run.

use std::{collections::BTreeMap, fmt, ops::AddAssign};

#[derive(Debug, Default)]
pub(crate) struct Stats {
    /// Changes that a server acknowledged.
    pub(crate) acknowledged: usize,
    /// Changes whose first attempts had an unknown outcome.
    pub(crate) in_doubt: usize,
    /// Attempts that repeated such a change under its idempotency key.
    pub(crate) retried: usize,
    /// Acknowledged registrations that were sent again under their key and returned the same id.
    pub(crate) repeated: usize,
}

impl AddAssign<&Self> for Stats {
    fn add_assign(&mut self, other: &Self) {
        self.acknowledged += other.acknowledged;
        self.in_doubt += other.in_doubt;
        self.retried += other.retried;
        self.repeated += other.repeated;
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, in_doubt, retried, repeated } = self;
        write!(f, "{acknowledged} changes acknowledged, {in_doubt} in doubt, {retried} retries, {repeated} repeated")
    }
}

/// The number of values of each kind, as text.
pub(crate) fn count_by_kind<T: fmt::Debug>(kinds: &[T]) -> String {
    let mut counts = BTreeMap::new();
    for kind in kinds {
        *counts.entry(format!("{kind:?}")).or_insert(0) += 1;
    }
    counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>().join(", ")
}
