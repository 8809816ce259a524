//! What a run is told by variables, and where its chance comes from.

use std::{
    fs::File,
    path::PathBuf,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use uuid::Uuid;

fn from_environment<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// The crashes on a database: as many as `ATELIER_CRASHES` says, of each kind in turn; or one of each kind.
pub(crate) fn crashes<T: Copy>(kinds: &[T]) -> Vec<T> {
    let count = from_environment("ATELIER_CRASHES").unwrap_or(kinds.len());
    kinds.iter().copied().cycle().take(count).collect()
}

/// Of `ATELIER_CRASH_SEED`, so that a run chooses as an earlier one did; or another one each time.
pub(crate) fn rng() -> Rng {
    let time_and_chance = Uuid::now_v7().as_u64_pair();
    Rng::with_seed(from_environment("ATELIER_CRASH_SEED").unwrap_or(time_and_chance.0 ^ time_and_chance.1))
}

/// Where servers log: at the end of the file that `ATELIER_CRASH_LOG` names, or nowhere.
pub(crate) fn log() -> Stdio {
    let file = from_environment::<PathBuf>("ATELIER_CRASH_LOG");
    file.map_or_else(Stdio::null, |file| File::options().create(true).append(true).open(file).unwrap().into())
}

/// Asks every few milliseconds until it is so, or for two minutes.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(2);
    while !is_so() {
        assert!(Instant::now() < end, "in vain waited for: {what}");
        pause(Duration::from_millis(5));
    }
}

/// Nothing is hoped for from the time that passes: what is waited for is asked for again, or does not matter.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever asks again and again lets the others have the processor meanwhile"
)]
pub(crate) fn pause(time: Duration) {
    thread::sleep(time);
}
