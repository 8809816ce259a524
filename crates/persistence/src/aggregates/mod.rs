//! Aggregates: from rows to the workshops that rules decide on, and the changes back to rows.

mod load;
mod load_plan;
mod loaded_row;
mod lock;
pub(crate) mod locked_workshop;
pub(crate) mod writes;

use std::collections::HashMap;

use domain::{WorkshopAggregate, WorkshopId};

pub(crate) use load::{Loaded, load};
pub(crate) use load_plan::LoadPlan;

/// Loaded workshops by their ids.
pub(crate) type Aggregates = HashMap<WorkshopId, WorkshopAggregate>;
