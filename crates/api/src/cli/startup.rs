//! What a server logs when it starts.

use std::fs;

use persistence::Store;

use super::database::failed;
use crate::Limits;

/// The open files that a server needs beside the connections of its clients: the database, the log, libraries.
const RESERVED_FILES: usize = 100;

/// Logs the database, the version of its schema, and the limits that bound the resources of the machine.
pub(super) async fn log(store: &Store, limits: &Limits) -> Result<(), String> {
    let migrations = store.migrations().await.map_err(failed(store))?;
    let schema = migrations.iter().rfind(|migration| migration.applied).map(|migration| migration.name.as_str());
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
    let open_files = fs::read_to_string("/proc/self/limits").ok().as_deref().and_then(open_files_limit);
    if let Some(open_files) = open_files
        && open_files < limits.max_connections + RESERVED_FILES
    {
        tracing::warn!(
            open_files,
            max_connections = limits.max_connections,
            "the system allows only about {} client connections (ulimit -n); raise it to {}, with systemd by LimitNOFILE, or \
             lower --max-connections",
            open_files.saturating_sub(RESERVED_FILES),
            limits.max_connections + RESERVED_FILES
        );
    }
    Ok(())
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
