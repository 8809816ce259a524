//! The figures of a run.

use std::{collections::BTreeMap, fmt, ops::AddAssign};

#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Changes that were acknowledged.
    pub(crate) acknowledged: usize,
    /// Changes that were asked for, and a first answer was lost.
    pub(crate) in_doubt: usize,
    /// Requests that repeated one whose answer was lost, under its key.
    pub(crate) retried: usize,
    /// Registrations that were acknowledged, asked for again under their key, and answered with the same id.
    pub(crate) repeated: usize,
}

impl AddAssign<&Self> for Tally {
    fn add_assign(&mut self, other: &Self) {
        self.acknowledged += other.acknowledged;
        self.in_doubt += other.in_doubt;
        self.retried += other.retried;
        self.repeated += other.repeated;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, in_doubt, retried, repeated } = self;
        write!(f, "{acknowledged} acknowledged, {in_doubt} in doubt, {retried} retried, {repeated} asked for again")
    }
}

/// How many there were of each kind.
pub(crate) fn count<T: fmt::Debug>(kinds: &[T]) -> String {
    let mut counts = BTreeMap::new();
    for kind in kinds {
        *counts.entry(format!("{kind:?}")).or_insert(0) += 1;
    }
    counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>().join(", ")
}
