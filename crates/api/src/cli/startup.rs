//! What a server checks and logs when it starts.

use std::fs;

use persistence::Store;

use crate::{Connections, Limits};

/// The open files of the runtime, the listeners, the log, and the requests to an identity provider or a trace collector.
const OTHER_FILES: usize = 26;

/// The open files of a connection to the database. SQLite has the database and its write-ahead log.
const FILES_PER_DATABASE_CONNECTION: usize = 2;

/// The least value of `--max-connections` for a low limit of open files. Few servers need all files of the reserve.
const MIN_CONNECTIONS: usize = 16;

/// Lowers `--max-connections` to what the system's limit of open files allows, and logs a warning.
pub(super) fn fit_open_files(mut limits: Limits, store: &Store) -> Limits {
    let Some(open_files) = fs::read_to_string("/proc/self/limits").ok().as_deref().and_then(open_files_limit) else {
        return limits;
    };
    let reserved = Connections::RESERVED_FILES
        + OTHER_FILES
        + FILES_PER_DATABASE_CONNECTION * usize::try_from(store.max_connections()).unwrap_or(usize::MAX);
    let allowed = open_files.saturating_sub(reserved).max(MIN_CONNECTIONS);
    if allowed < limits.max_connections {
        tracing::warn!(
            open_files,
            max_connections = allowed,
            "the system's limit of {open_files} open files (ulimit -n) lowers --max-connections from {} to {allowed}; raise \
             the limit to {}, with systemd by LimitNOFILE, or lower --max-connections",
            limits.max_connections,
            limits.max_connections.saturating_add(reserved)
        );
        limits.max_connections = allowed;
    }
    limits
}

/// Logs the database, the version of its schema, and the limits that bound the resources of the machine.
pub(super) fn log(store: &Store, schema: Option<&str>, limits: &Limits) {
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        database = %store.url(),
        schema,
        database_connections = store.max_connections(),
        max_connections = limits.max_connections,
        max_in_flight = limits.max_in_flight,
        max_subscriptions = limits.max_subscriptions,
        max_websockets = limits.max_websockets,
        rate_limit = limits.rate.per_minute,
        "starting"
    );
}

/// The soft limit of open files in Linux's table of limits; `None`: there is none.
fn open_files_limit(table: &str) -> Option<usize> {
    table.lines().find_map(|line| line.strip_prefix("Max open files"))?.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_open_files_is_the_soft_one() {
        let table =
            |line: &str| format!("Limit                     Soft Limit           Hard Limit           Units\n{line}");
        let limited = table("Max open files            1024                 524288               files     \n");
        assert_eq!(open_files_limit(&limited), Some(1024));
        assert_eq!(
            open_files_limit(&table("Max open files            unlimited            unlimited            files\n")),
            None
        );
    }
}
