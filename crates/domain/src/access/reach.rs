use std::{collections::BTreeSet, sync::Arc};

use super::GuestVisibility;
use crate::CenterId;

/// Where somebody may act.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub enum Reach {
    /// At every center, and where there is none.
    #[default]
    Everywhere,
    /// At these centers.
    Centers(Arc<BTreeSet<CenterId>>),
}

impl Reach {
    /// At these centers.
    pub fn of(centers: impl IntoIterator<Item = CenterId>) -> Self {
        Self::Centers(Arc::new(centers.into_iter().collect()))
    }

    /// Nowhere.
    pub fn none() -> Self {
        Self::of([])
    }

    /// Whether this center is within reach.
    pub fn includes(&self, center: CenterId) -> bool {
        self.includes_any([&center])
    }

    /// Whether one of these centers is within reach. Of no center only somebody who reaches everywhere is in reach.
    pub fn includes_any<'a>(&self, centers: impl IntoIterator<Item = &'a CenterId>) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Centers(ours) => centers.into_iter().any(|center| ours.contains(center)),
        }
    }

    /// The centers; `None`: all.
    pub fn centers(&self) -> Option<&BTreeSet<CenterId>> {
        match self {
            Self::Everywhere => None,
            Self::Centers(centers) => Some(centers),
        }
    }

    /// The people who are there.
    pub(super) fn people(&self) -> GuestVisibility {
        match self {
            Self::Everywhere => GuestVisibility::All,
            Self::Centers(centers) => GuestVisibility::AtCenters(centers.clone()),
        }
    }
}
