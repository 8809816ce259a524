use std::{collections::BTreeSet, sync::Arc};

use super::Reach;
use crate::{CenterId, GuestId};

/// What somebody sees. Published workshops, centers and seats are seen by everybody; what is neither is looked for
/// within these bounds, and beyond them it is as if it were not there.
///
/// Only an [`Access`](super::Access) makes one.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Visibility {
    pub(super) drafts: Reach,
    pub(super) guests: GuestVisibility,
    pub(super) registrations: GuestVisibility,
}

/// Some of the guests.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum GuestVisibility {
    /// All of them.
    All,
    /// Those who are at home at one of these centers, or have registered there; of registrations those made there.
    AtCenters(Arc<BTreeSet<CenterId>>),
    /// One.
    Only(GuestId),
    /// None.
    None,
}

impl Visibility {
    /// The centers whose drafts are seen.
    pub fn drafts(&self) -> &Reach {
        &self.drafts
    }

    /// The guests who are seen.
    pub fn guests(&self) -> &GuestVisibility {
        &self.guests
    }

    /// Those whose registrations are seen, with all that became of them.
    pub fn registrations(&self) -> &GuestVisibility {
        &self.registrations
    }
}

impl GuestVisibility {
    /// Whether a registration of this guest at this center is of them.
    pub fn include(&self, guest: GuestId, center: CenterId) -> bool {
        self.include_guest(guest, [&center])
    }

    /// Whether a guest is of them who is known at these centers.
    pub fn include_guest<'a>(&self, guest: GuestId, known_at: impl IntoIterator<Item = &'a CenterId>) -> bool {
        match self {
            Self::All => true,
            Self::AtCenters(centers) => known_at.into_iter().any(|center| centers.contains(center)),
            Self::Only(only) => *only == guest,
            Self::None => false,
        }
    }
}
