use std::{collections::BTreeSet, sync::Arc};

use super::Reach;
use crate::{CenterId, GuestId};

/// The rows that a caller can see, beyond published workshops, centers and seats, which are public. Rows that a caller
/// cannot see are excluded from lists, counts and lookups.
///
/// Only an [`Access`](super::Access) creates one.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Visibility {
    pub(super) drafts: Reach,
    pub(super) guests: GuestVisibility,
    pub(super) registrations: GuestVisibility,
}

/// A set of guests.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum GuestVisibility {
    /// All guests.
    All,
    /// The guests with their home center, or a registration, at one of these centers. For registrations: those made there.
    AtCenters(Arc<BTreeSet<CenterId>>),
    /// One guest.
    Only(GuestId),
    /// No guest.
    None,
}

impl Visibility {
    /// The centers whose drafts are visible.
    pub fn drafts(&self) -> &Reach {
        &self.drafts
    }

    /// The visible guests.
    pub fn guests(&self) -> &GuestVisibility {
        &self.guests
    }

    /// The guests whose registrations are visible, with their changes.
    pub fn registrations(&self) -> &GuestVisibility {
        &self.registrations
    }
}

impl GuestVisibility {
    /// Whether a registration of this guest at this center is visible.
    pub fn includes_registration(&self, guest: GuestId, center: CenterId) -> bool {
        self.includes_guest(guest, [&center])
    }

    /// Whether a guest is visible whose home center and registrations are at these centers.
    pub fn includes_guest<'a>(&self, guest: GuestId, guest_centers: impl IntoIterator<Item = &'a CenterId>) -> bool {
        match self {
            Self::All => true,
            Self::AtCenters(centers) => guest_centers.into_iter().any(|center| centers.contains(center)),
            Self::Only(only) => *only == guest,
            Self::None => false,
        }
    }
}
