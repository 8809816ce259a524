use std::{
    thread,
    time::{Duration, Instant},
};

/// Polls a condition until it is true. Panics after two minutes.
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(2);
    while !condition() {
        assert!(Instant::now() < end, "after two minutes this is still not true: {what}");
        pause(Duration::from_millis(5));
    }
}

/// Sleeps between two attempts, or for as long as a fault lasts. No result depends on the time that passes.
#[expect(clippy::disallowed_methods, reason = "a caller that repeats a request leaves the processor to the servers")]
pub(crate) fn pause(time: Duration) {
    thread::sleep(time);
}
