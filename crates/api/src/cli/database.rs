//! The flags of the database connection and of the lanes.

use std::time::Duration;

use clap::{Args, CommandFactory, error::ErrorKind};
use persistence::{DatabaseUrl, DatabaseUrlInvalid, LaneSettings, OpenMode, Options, QueryObserver, Store, StoreError};

use super::{Cli, secret::Secret};

#[derive(Args, Debug)]
#[command(next_help_heading = "Database")]
pub(super) struct DatabaseArguments {
    /// The database: `sqlite:<file>`, or `postgres://<user>:<password>@<host>:<port>/<database>`. A missing
    /// SQLite file is created by `serve`, `migrate up` and `keys create`.
    // Parsed later: clap repeats an invalid value, and this one can contain a password.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite:atelier.db", hide_env_values = true, value_name = "URL")]
    database_url: String,
    /// A file that contains the database URL, which keeps the URL out of the process list and the environment.
    #[arg(long, env = "DATABASE_URL_FILE", value_name = "FILE", value_parser = Secret::in_file, conflicts_with = "database_url")]
    database_url_file: Option<Secret>,
    /// The maximum number of connections to the database. On PostgreSQL each lane of a server reserves one of them, and
    /// four more wait for workshops, guests and centers that other servers hold. Together these are at most half.
    #[arg(long, env = "ATELIER_DATABASE_CONNECTIONS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(3..=1000))]
    database_connections: u32,
    /// Seconds to wait for a connection or for a lock. A request to a server then fails with 503.
    #[arg(long, env = "ATELIER_DATABASE_TIMEOUT", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
    database_timeout: u64,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Lanes")]
pub(super) struct LaneArguments {
    /// The number of lanes. A lane is a group-commit worker: it writes queued registrations in one transaction. SQLite
    /// always writes one transaction at a time.
    #[arg(long, env = "ATELIER_LANES", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    lanes: u16,
    /// The maximum number of registrations in the queue of a lane. Any further one fails with OVERLOADED.
    #[arg(long, env = "ATELIER_LANE_QUEUE_SIZE", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    lane_queue_size: u32,
    /// The maximum number of registrations that a lane writes in one transaction.
    #[arg(long, env = "ATELIER_LANE_BATCH_SIZE", default_value_t = 512, value_parser = clap::value_parser!(u16).range(1..=4096))]
    lane_batch_size: u16,
}

impl DatabaseArguments {
    /// Opens a database for a command.
    pub(super) async fn open(&self, mode: OpenMode) -> Result<Store, String> {
        self.connect(LaneSettings::default(), mode, None).await
    }

    pub(super) async fn connect(
        &self,
        lanes: LaneSettings,
        mode: OpenMode,
        observer: Option<QueryObserver>,
    ) -> Result<Store, String> {
        let url = self.database_url_file.as_ref().map_or(&*self.database_url, Secret::reveal);
        let url: DatabaseUrl = url.parse().unwrap_or_else(|error: DatabaseUrlInvalid| {
            Cli::command().error(ErrorKind::ValueValidation, format!("--database-url: {error}")).exit()
        });
        let timeout = Duration::from_secs(self.database_timeout);
        let options = Options {
            connections: self.database_connections,
            lock_timeout: timeout,
            acquire_timeout: timeout,
            lanes,
            mode,
            observer,
            ..Options::default()
        };
        let opened = Store::open(&url, options).await;
        opened.map_err(|fault| format!("cannot open {url}: {}", fault.operator_message()))
    }
}

/// The message for a fault of this store.
pub(super) fn failed(store: &Store) -> impl Fn(StoreError) -> String + use<> {
    let database = store.url().to_string();
    move |fault| format!("{database}: {}", fault.operator_message())
}

impl LaneArguments {
    pub(super) fn settings(&self) -> LaneSettings {
        LaneSettings {
            lanes: self.lanes.into(),
            queue: self.lane_queue_size as usize,
            batch: self.lane_batch_size.into(),
        }
    }
}
