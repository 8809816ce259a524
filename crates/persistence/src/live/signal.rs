use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use domain::WorkshopId;
use tokio::sync::Notify;

/// The most workshops that are told apart; of more it is only said that something changed. So many ids fit into a
/// notification of PostgreSQL (8000 bytes).
const MOST: usize = 200;

/// What may have changed since somebody looked.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct DirtySet {
    pub(super) workshops: BTreeSet<WorkshopId>,
    /// Whatever there is.
    pub(super) everything: bool,
}

/// Gathers what is said until the one who listens looks: a thousand words are one wake.
#[derive(Debug, Default)]
pub(super) struct Signal {
    touched: Mutex<DirtySet>,
    raised: Notify,
}

impl DirtySet {
    pub(super) fn is_nothing(&self) -> bool {
        !self.everything && self.workshops.is_empty()
    }
}

impl Signal {
    pub(super) fn touch(&self, workshops: impl IntoIterator<Item = WorkshopId>) {
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        touched.workshops.extend(workshops);
        if touched.everything || touched.workshops.len() > MOST {
            *touched = DirtySet { everything: true, ..DirtySet::default() };
        }
        drop(touched);
        self.raised.notify_one();
    }

    pub(super) fn touch_everything(&self) {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner).everything = true;
        self.raised.notify_one();
    }

    /// Wakes the one who listens, though nothing changed.
    pub(super) fn nudge(&self) {
        self.raised.notify_one();
    }

    /// Waits until there is reason to look.
    pub(super) async fn raised(&self) {
        self.raised.notified().await;
    }

    pub(super) fn take(&self) -> DirtySet {
        std::mem::take(&mut *self.touched.lock().unwrap_or_else(PoisonError::into_inner))
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
    async fn what_is_said_before_somebody_looks_is_seen_at_one_look() {
        let signal = Signal::default();
        signal.touch([workshop(1)]);
        signal.touch([workshop(2), workshop(1)]);
        signal.raised().await;
        let seen = DirtySet { workshops: [workshop(1), workshop(2)].into(), everything: false };
        assert_eq!(signal.take(), seen);
        assert!(signal.take().is_nothing());
    }

    #[test]
    fn more_workshops_than_can_be_told_apart_are_everything() {
        let signal = Signal::default();
        signal.touch((0..=MOST).map(workshop));
        signal.touch([workshop(1)]);
        assert_eq!(signal.take(), DirtySet { workshops: BTreeSet::new(), everything: true });
    }
}
