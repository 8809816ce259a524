//! How much is worked on at a time. What comes on top of that is refused before anything is done for it, so that saying no
//! costs next to nothing and what was begun is answered in time.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;
use tokio::sync::OwnedSemaphorePermit;

use crate::graphql::Graph;

/// The place of one operation among those that are worked on.
#[derive(Clone, Debug)]
pub(crate) struct InFlightPermit(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Graph {
    /// A place for an operation; nothing is read without one. `None`: all are taken.
    pub(crate) fn admit(&self) -> Option<InFlightPermit> {
        let permit = self.places.clone().try_acquire_owned().ok()?;
        Some(InFlightPermit(Arc::new(Mutex::new(Some(permit)))))
    }
}

impl InFlightPermit {
    /// Makes room for somebody else.
    fn leave(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// A subscription stands, and waits from here on for something to happen: that is no work.
pub(in crate::graphql) fn stands(ctx: &Context<'_>) {
    if let Some(place) = ctx.data_opt::<InFlightPermit>() {
        place.leave();
    }
}
