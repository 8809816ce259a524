//! Measures Atelier beside what could be built by hand: side by side in one run, for machines are noisy and shared.
//!
//! What is compared is printed as ratios. `just bench-reads` builds everything and runs it.

#![expect(clippy::expect_used, reason = "a bench that cannot go on ends, and says where")]

mod bare;
mod load;
mod process;
mod reads;
mod seed;

use std::net::SocketAddr;

use clap::{Parser, Subcommand};
use persistence::{DatabaseUrl, Options, Store};

/// Measures Atelier beside what could be built by hand.
#[derive(Debug, Parser)]
enum Cli {
    #[command(flatten)]
    Bench(Bench),
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// Fill an empty database: everything through the doors that the product has.
    Seed {
        #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
        database_url: String,
        #[command(flatten)]
        size: seed::Size,
    },
    /// The list page and the detail page, beside a handler that runs one statement for each.
    Reads {
        #[command(flatten)]
        size: seed::Size,
        #[command(flatten)]
        load: load::Load,
        /// A database that was seeded before, with the same size; one is made otherwise.
        #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
        database_url: Option<String>,
    },
    /// Serve the handler written by hand.
    #[command(hide = true)]
    Bare {
        #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
        database_url: String,
        #[arg(long)]
        listen: SocketAddr,
    },
}

#[tokio::main]
async fn main() {
    let Cli::Bench(bench) = Cli::parse();
    match bench {
        Bench::Seed { database_url, size } => {
            let url: DatabaseUrl = database_url.parse().unwrap_or_else(|invalid| panic!("{invalid}"));
            let store = Store::open(&url, Options { clock: seed::clock(), ..Options::default() }).await;
            let store = store.unwrap_or_else(|fault| panic!("{}", fault.for_operators()));
            seed::fill(&store, size).await;
            store.close().await;
        }
        Bench::Reads { size, load, database_url } => reads::run(size, load, database_url).await,
        Bench::Bare { database_url, listen } => bare::serve(&database_url, listen).await,
    }
}

#[expect(clippy::print_stdout, reason = "what a bench is for")]
fn say(line: &str) {
    println!("{line}");
}
