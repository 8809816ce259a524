use std::{collections::BTreeSet, time::Duration};

use domain::{
    CenterId, GuestId, RegistrationId, WorkshopId,
    access::{Authority, GuestVisibility},
};
use tokio::time::Instant;

/// The rows to load before the commands of a batch are decided.
#[derive(Debug, Default)]
pub(crate) struct LoadPlan {
    pub(crate) workshops: BTreeSet<WorkshopId>,
    pub(crate) guests: BTreeSet<GuestId>,
    /// The centers at which to check whether the guests are at home, or have registered.
    pub(crate) centers: BTreeSet<CenterId>,
    pub(crate) registrations: BTreeSet<RegistrationId>,
    /// The number of commands that can free a seat.
    pub(crate) releases: u32,
    /// Whether to load all waitlisted registrations.
    pub(crate) whole_waitlist: bool,
    /// Whether to load all registrations with a seat whose guests have not checked in.
    pub(crate) seated: bool,
}

impl LoadPlan {
    /// Adds the centers on which the visibility of the guests depends.
    pub(crate) fn plan_guest_centers(&mut self, by: &Authority) {
        if let GuestVisibility::AtCenters(centers) = by.visibility().guests() {
            self.centers.extend(centers.iter());
        }
    }
}

/// Whether to lock the workshops until the transaction ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LockMode {
    /// Lock the workshops that are free, and report those that another transaction holds.
    ///
    /// No other transaction changes a seat of a locked workshop. Child rows are read after the workshop is locked. The
    /// journal is read in the order of transaction numbers, and a transaction can already have its number before it locks
    /// its last workshop. If a younger one wrote meanwhile, loading fails with `OrderingConflict`.
    SkipHeld,
    /// The same, but wait for a workshop that another transaction holds. If the wait does not end in time, loading fails with
    /// `Held`. A transaction that waits holds no other workshop.
    WaitUntil(Instant),
    /// No lock: for a query, which reserves nothing.
    None,
}

impl LockMode {
    /// The longest wait for a workshop.
    pub(crate) fn longest_wait(self) -> Duration {
        match self {
            Self::WaitUntil(until) => until.saturating_duration_since(Instant::now()),
            Self::SkipHeld | Self::None => Duration::ZERO,
        }
    }
}
