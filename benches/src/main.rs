//! Compares Atelier with what its database can do without it. Both sides run in turn within one run, because machines are
//! noisy and shared; the targets are ratios.
//!
//! `just bench` builds the release binaries and runs all benchmarks.

#![expect(clippy::expect_used, reason = "a benchmark that cannot continue ends with a panic that names the step")]

mod baseline;
mod baseline_sqlite;
mod clients;
mod consistency;
mod dataset;
mod measurement;
mod pages;
mod pgbench;
mod process;
mod reads;
mod reference_sql;
mod registration_pairs;
mod report;
mod request;
mod seed;
mod writes;
mod wrk;

use std::net::SocketAddr;

use clap::{Args, Parser};
use dataset::{DatabaseSystem, Dataset};

/// Compares Atelier with what its database can do without it.
#[derive(Debug, Parser)]
enum Cli {
    /// Run all benchmarks: the list page and the detail page (Q1, Q2), registration (M1, M2, M2w), and memory.
    All {
        #[command(flatten)]
        arguments: RunArguments,
        #[command(flatten)]
        writes: writes::WriteArguments,
    },
    /// Run Q1 and Q2, compared with plain rows and with handlers written by hand.
    Reads {
        #[command(flatten)]
        arguments: RunArguments,
    },
    /// Run M1, M2 and M2w, compared with the database's own limit.
    Writes {
        #[command(flatten)]
        arguments: RunArguments,
        #[command(flatten)]
        writes: writes::WriteArguments,
    },
    /// Fill an empty database through Atelier's own commands.
    Seed {
        /// The database to fill.
        #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
        database_url: String,
        #[command(flatten)]
        size: seed::Size,
    },
    /// Serve the handlers written by hand.
    #[command(hide = true)]
    Baseline {
        #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
        database_url: String,
        #[arg(long)]
        listen: SocketAddr,
    },
}

#[derive(Args, Debug)]
struct RunArguments {
    /// The database system to measure.
    #[arg(long, value_enum, default_value = "postgres")]
    system: DatabaseSystem,
    /// A database that `bench seed` filled with the same size, without later writes. By default the run creates one.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    #[command(flatten)]
    size: seed::Size,
    #[command(flatten)]
    load: wrk::LoadArguments,
}

impl RunArguments {
    async fn dataset(&self) -> Dataset {
        match self.database_url.clone() {
            Some(url) => Dataset::existing(url, self.size).await,
            None => Dataset::create(self.system, self.size).await,
        }
    }
}

#[tokio::main]
async fn main() {
    match Cli::parse() {
        Cli::All { arguments, writes } => {
            let dataset = arguments.dataset().await;
            let server = dataset.start_server().await;
            report::print_line(&format!("memory at start: {:.1} MiB", server.memory_mib()));
            reads::run(&dataset, &server, arguments.load, false).await;
            writes::run(&dataset, &server, arguments.load, writes).await;
            report::print_maximum("peak memory", server.peak_memory_mib(), " MiB", 45.0);
        }
        Cli::Reads { arguments } => {
            let dataset = arguments.dataset().await;
            let server = dataset.start_server().await;
            reads::run(&dataset, &server, arguments.load, dataset.is_postgres()).await;
            report::print_line(&format!("      peak memory: {:.1} MiB", server.peak_memory_mib()));
        }
        Cli::Writes { arguments, writes } => {
            let dataset = arguments.dataset().await;
            let server = dataset.start_server().await;
            writes::run(&dataset, &server, arguments.load, writes).await;
            report::print_line(&format!("      peak memory: {:.1} MiB", server.peak_memory_mib()));
        }
        Cli::Seed { database_url, size } => {
            let store = dataset::open(&database_url).await;
            seed::fill(&store, size).await;
            store.close().await;
        }
        Cli::Baseline { database_url, listen } => baseline::serve(&database_url, listen).await,
    }
}
