use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use domain::WorkshopId;
use tokio::sync::Notify;

/// The maximum number of workshops that are listed. More workshops mean everything. This number of ids fits into a
/// notification of PostgreSQL (8000 bytes).
const MAX_WORKSHOPS: usize = 200;

/// The workshops that can have changed since the last read.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct DirtySet {
    pub(super) workshops: BTreeSet<WorkshopId>,
    /// Every workshop, and the journal.
    pub(super) everything: bool,
}

/// Collects changes until its reader takes them: a thousand changes are one wake.
#[derive(Debug, Default)]
pub(super) struct Signal {
    dirty: Mutex<DirtySet>,
    notify: Notify,
}

impl DirtySet {
    pub(super) fn is_empty(&self) -> bool {
        !self.everything && self.workshops.is_empty()
    }
}

impl Signal {
    pub(super) fn mark(&self, workshops: impl IntoIterator<Item = WorkshopId>) {
        let mut dirty = self.dirty.lock().unwrap_or_else(PoisonError::into_inner);
        dirty.workshops.extend(workshops);
        if dirty.everything || dirty.workshops.len() > MAX_WORKSHOPS {
            *dirty = DirtySet { everything: true, ..DirtySet::default() };
        }
        drop(dirty);
        self.notify.notify_one();
    }

    pub(super) fn mark_everything(&self) {
        self.dirty.lock().unwrap_or_else(PoisonError::into_inner).everything = true;
        self.notify.notify_one();
    }

    /// Wakes the reader without a change.
    pub(super) fn wake(&self) {
        self.notify.notify_one();
    }

    /// Waits for a wake.
    pub(super) async fn notified(&self) {
        self.notify.notified().await;
    }

    pub(super) fn take(&self) -> DirtySet {
        std::mem::take(&mut *self.dirty.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn workshop(number: usize) -> WorkshopId {
        WorkshopId::from_uuid(Uuid::from_u128(number as u128))
    }

    #[tokio::test]
    async fn changes_before_a_read_are_taken_together() {
        let signal = Signal::default();
        signal.mark([workshop(1)]);
        signal.mark([workshop(2), workshop(1)]);
        signal.notified().await;
        let expected = DirtySet { workshops: [workshop(1), workshop(2)].into(), everything: false };
        assert_eq!(signal.take(), expected);
        assert!(signal.take().is_empty());
    }

    #[test]
    fn too_many_workshops_mean_everything() {
        let signal = Signal::default();
        signal.mark((0..=MAX_WORKSHOPS).map(workshop));
        signal.mark([workshop(1)]);
        assert_eq!(signal.take(), DirtySet { workshops: BTreeSet::new(), everything: true });
    }
}
