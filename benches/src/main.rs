//! Measures Atelier beside what could be built by hand: side by side in one run, for machines are noisy and shared.
//!
//! What is compared is printed as ratios. `just bench` builds everything and runs it.

#![expect(clippy::expect_used, reason = "a bench that cannot go on ends, and says where")]

mod bare;
mod by_hand_sqlite;
mod clients;
mod exact;
mod ground;
mod limits;
mod load;
mod pgbench;
mod process;
mod reads;
mod rush;
mod seed;
mod verdict;
mod writes;

use std::net::SocketAddr;

use clap::{Args, Parser, Subcommand};
use ground::{Ground, System};

/// Measures Atelier beside what could be built by hand.
#[derive(Debug, Parser)]
enum Cli {
    #[command(flatten)]
    Bench(Bench),
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// Everything: both pages, registering, memory.
    All {
        #[command(flatten)]
        on: On,
        #[command(flatten)]
        writing: writes::Writing,
    },
    /// The list page and the detail page, beside plain rows, and a handler that runs one statement for each.
    Reads {
        #[command(flatten)]
        on: On,
    },
    /// ManageRegistrations, beside the database's own limit.
    Writes {
        #[command(flatten)]
        on: On,
        #[command(flatten)]
        writing: writes::Writing,
    },
    /// Fill an empty database: everything through the doors that the product has.
    Seed {
        #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
        database_url: String,
        #[command(flatten)]
        size: seed::Size,
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

/// Where, with how much in it, and how hard.
#[derive(Args, Debug)]
struct On {
    #[arg(long, value_enum, default_value = "postgres")]
    system: System,
    /// A database that was seeded before, with the same size, and not written to since; one is made otherwise.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    #[command(flatten)]
    size: seed::Size,
    #[command(flatten)]
    load: load::Load,
}

impl On {
    async fn ground(&self) -> Ground {
        match self.database_url.clone() {
            Some(url) => Ground::at(url, self.size).await,
            None => Ground::new(self.system, self.size).await,
        }
    }
}

#[tokio::main]
async fn main() {
    let Cli::Bench(bench) = Cli::parse();
    match bench {
        Bench::All { on, writing } => {
            let ground = on.ground().await;
            let server = ground.serve().await;
            say(&format!("{:.1} MiB at rest", server.memory()));
            reads::run(&ground, &server, on.load, false).await;
            writes::run(&ground, &server, on.load, writing).await;
            verdict::at_most("memory at the most, in MiB", server.peak(), 45.0);
        }
        Bench::Reads { on } => {
            let ground = on.ground().await;
            let server = ground.serve().await;
            reads::run(&ground, &server, on.load, ground.is_postgres()).await;
            say(&format!("      {:.1} MiB of memory at the most", server.peak()));
        }
        Bench::Writes { on, writing } => {
            let ground = on.ground().await;
            let server = ground.serve().await;
            writes::run(&ground, &server, on.load, writing).await;
            say(&format!("      {:.1} MiB of memory at the most", server.peak()));
        }
        Bench::Seed { database_url, size } => {
            let store = ground::open(&database_url).await;
            seed::fill(&store, size).await;
            store.close().await;
        }
        Bench::Bare { database_url, listen } => bare::serve(&database_url, listen).await,
    }
}

#[expect(clippy::print_stdout, reason = "what a bench is for")]
fn say(line: &str) {
    println!("{line}");
}
