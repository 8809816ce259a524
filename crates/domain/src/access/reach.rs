use std::{collections::BTreeSet, sync::Arc};

use super::GuestVisibility;
use crate::CenterId;

/// The centers at which a caller can act.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub enum Reach {
    /// Every center, and objects without a center.
    #[default]
    Everywhere,
    /// These centers.
    Centers(Arc<BTreeSet<CenterId>>),
}

impl Reach {
    /// A reach of these centers.
    pub fn of(centers: impl IntoIterator<Item = CenterId>) -> Self {
        Self::Centers(Arc::new(centers.into_iter().collect()))
    }

    /// A reach of no center.
    pub fn none() -> Self {
        Self::of([])
    }

    /// Whether this center is within reach.
    pub fn includes(&self, center: CenterId) -> bool {
        self.includes_any([&center])
    }

    /// Whether one of these centers is within reach. An object without a center is within reach only of `Everywhere`.
    pub fn includes_any<'a>(&self, centers: impl IntoIterator<Item = &'a CenterId>) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Centers(reached) => centers.into_iter().any(|center| reached.contains(center)),
        }
    }

    /// The centers; `None` is all of them.
    pub fn centers(&self) -> Option<&BTreeSet<CenterId>> {
        match self {
            Self::Everywhere => None,
            Self::Centers(centers) => Some(centers),
        }
    }

    /// The guests of the centers within reach.
    pub(super) fn guest_visibility(&self) -> GuestVisibility {
        match self {
            Self::Everywhere => GuestVisibility::All,
            Self::Centers(centers) => GuestVisibility::AtCenters(centers.clone()),
        }
    }
}
