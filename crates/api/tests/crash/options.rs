//! The environment variables of a run.

use std::{fs::File, path::PathBuf, process::Stdio};

pub(crate) fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// The faults to inject: `ATELIER_CRASHES` of them, of each kind in turn. Without the variable, one of each kind.
pub(crate) fn faults<T: Copy>(kinds: &[T]) -> Vec<T> {
    let count = variable("ATELIER_CRASHES").unwrap_or(kinds.len());
    kinds.iter().copied().cycle().take(count).collect()
}

/// The log of the servers: appended to the file that `ATELIER_CRASH_LOG` names, or discarded.
pub(crate) fn log() -> Stdio {
    let file = variable::<PathBuf>("ATELIER_CRASH_LOG");
    file.map_or_else(Stdio::null, |file| File::options().create(true).append(true).open(file).unwrap().into())
}
