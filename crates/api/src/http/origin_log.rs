//! The log of rejected pages.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, header};

use super::origin::Origin;

/// The shortest time between two lines: a page can send any number of requests.
const INTERVAL: Duration = Duration::from_mins(1);

/// Logs rejected pages, with the flag that accepts their origin, at most one line a minute.
#[derive(Debug, Default)]
pub(super) struct OriginLog(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    logged_at: Option<Instant>,
    /// The number of rejections since the last line.
    omitted: u64,
}

impl OriginLog {
    pub(super) fn record(&self, headers: &HeaderMap) {
        let Some(omitted) = self.admit(Instant::now()) else { return };
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        // A client can send any text. Only the form of an origin is logged.
        match text(header::ORIGIN).and_then(|origin| origin.parse::<Origin>().ok()) {
            Some(origin) => tracing::warn!(
                %origin,
                omitted,
                "rejected a page of another origin; `--cors-origin {origin}` accepts it. If the page is the server's own, \
                 the proxy must pass `Host` with its port"
            ),
            None => tracing::warn!(omitted, "rejected a page of another origin that does not send its origin"),
        }
    }

    /// Whether a line is due: the number of rejections since the last one.
    fn admit(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.logged_at.is_some_and(|logged_at| now.duration_since(logged_at) < INTERVAL) {
            state.omitted += 1;
            return None;
        }
        state.logged_at = Some(now);
        Some(std::mem::take(&mut state.omitted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_minute_counts_the_omitted_ones() {
        let (log, start) = (OriginLog::default(), Instant::now());
        let admitted = [0, 1, 59, 60, 61, 119, 120, 600].map(|second| log.admit(start + Duration::from_secs(second)));
        assert_eq!(admitted, [Some(0), None, None, Some(2), None, None, Some(2), Some(0)]);
    }
}
