use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

/// The readiness that probes found. It is logged when it changes, not for each probe.
#[derive(Debug, Default)]
pub(super) struct Readiness {
    /// Since when the server is not ready.
    lost_at: Mutex<Option<Instant>>,
}

impl Readiness {
    /// Records that a probe failed because of the database.
    pub(super) fn lose(&self, database: &dyn std::fmt::Display, reason: &str) {
        let mut lost_at = self.lost_at.lock().unwrap_or_else(PoisonError::into_inner);
        if lost_at.is_none() {
            *lost_at = Some(Instant::now());
            tracing::warn!(reason, "not ready: {database} does not respond");
        }
    }

    /// Records that a probe succeeded.
    pub(super) fn regain(&self, database: &dyn std::fmt::Display) {
        let lost_at = self.lost_at.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(lost_at) = lost_at {
            tracing::info!(seconds = lost_at.elapsed().as_secs(), "ready again: {database} responds");
        }
    }
}
