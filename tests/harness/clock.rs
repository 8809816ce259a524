use std::sync::{Arc, Mutex};

use domain::Timestamp;

/// The time at which every test begins: noon of 1 March 2027, UTC.
pub fn now() -> Timestamp {
    at("2027-03-01T12:00:00Z")
}

/// Parses an instant.
pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A clock that stands still until a test sets it.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<Mutex<(Timestamp, Option<u32>)>>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(Mutex::new((now(), None))))
    }
}

impl TestClock {
    pub(crate) fn set(&self, time: Timestamp) {
        self.0.lock().unwrap().0 = time;
    }

    /// Makes one read of the clock panic: the next one after `skipped` others.
    pub fn panic_after_reads(&self, skipped: u32) {
        self.0.lock().unwrap().1 = Some(skipped);
    }

    pub(crate) fn now(&self) -> Timestamp {
        let (time, skipped) = {
            let mut state = self.0.lock().unwrap();
            let skipped = state.1;
            state.1 = skipped.and_then(|skipped| skipped.checked_sub(1));
            (state.0, skipped)
        };
        assert_ne!(skipped, Some(0), "a test made this read of the clock panic");
        time
    }
}
