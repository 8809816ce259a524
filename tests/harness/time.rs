use std::sync::{Arc, Mutex};

use domain::Timestamp;

/// The time at which every story begins: noon of 1 March 2027, UTC.
pub fn now() -> Timestamp {
    at("2027-03-01T12:00:00Z")
}

/// An instant.
pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A clock that stands still until a test turns it.
#[derive(Clone, Debug)]
pub struct Time(Arc<Mutex<(Timestamp, bool)>>);

impl Default for Time {
    fn default() -> Self {
        Self(Arc::new(Mutex::new((now(), false))))
    }
}

impl Time {
    pub(crate) fn turn(&self, time: Timestamp) {
        self.0.lock().unwrap().0 = time;
    }

    /// Makes whoever looks next panic, once.
    pub fn break_once(&self) {
        self.0.lock().unwrap().1 = true;
    }

    pub(crate) fn show(&self) -> Timestamp {
        let (time, broken) = {
            let mut shown = self.0.lock().unwrap();
            (shown.0, std::mem::take(&mut shown.1))
        };
        assert!(!broken, "the clock was broken by a test");
        time
    }
}
