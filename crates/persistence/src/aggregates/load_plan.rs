use std::collections::BTreeSet;

use domain::{
    CenterId, GuestId, RegistrationId, WorkshopId,
    access::{Authority, GuestVisibility},
};

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
