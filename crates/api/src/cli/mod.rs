//! The command line.

mod authentication;
mod backup;
mod database;
mod doctor;
mod ingress;
mod keys;
mod limits;
mod listen;
mod observability;
mod secret;

use std::{
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
};

use clap::{CommandFactory, Parser, Subcommand, builder::BoolishValueParser, error::ErrorKind};
use domain::{Actor, access::Access};
use persistence::{Clock, LaneSettings, MigrationState, QueryObserver, Store};

use crate::{Playground, demo::Demo, logging, openapi, roles, sdl, subgraph_sdl, telemetry::Telemetry};
use database::{DatabaseArguments, LaneArguments};
use listen::ListenArguments;

/// Registers guests to workshops: a GraphQL server with a playground, over SQLite or PostgreSQL.
///
/// New here? Run `atelier demo` and open the address that it prints.
#[derive(Debug, Parser)]
#[command(name = "atelier", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    log: logging::Arguments,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "one a process")]
enum Command {
    /// Serve a believable data set out of a temporary SQLite database that is deleted at the end.
    Demo {
        #[command(flatten)]
        listen: ListenArguments,
        #[command(flatten)]
        edge: ingress::IngressArguments,
    },
    /// Serve a database.
    Serve {
        #[command(flatten)]
        listen: ListenArguments,
        #[command(flatten)]
        edge: ingress::IngressArguments,
        #[command(flatten)]
        database: DatabaseArguments,
        #[command(flatten)]
        lanes: LaneArguments,
        #[command(flatten)]
        authentication: authentication::AuthenticationArguments,
        /// Refuse to start, instead of applying them, when the database lacks migrations.
        #[arg(long, env = "ATELIER_NO_MIGRATE", value_parser = BoolishValueParser::new())]
        no_migrate: bool,
    },
    /// Bring the schema of a database up to date, take it back, or tell how it stands.
    Migrate {
        #[command(subcommand)]
        direction: Direction,
    },
    /// Make, list, replace and revoke the API keys with which people and programs call.
    Keys {
        #[command(subcommand)]
        command: keys::Keys,
    },
    /// Recount every counter and every invariant from the rows. Servers may go on meanwhile.
    ///
    /// Prints a line for each disagreement. Exit code 0: there is none; 1: there is, or the database cannot be read.
    Doctor(doctor::Arguments),
    /// Copy an SQLite database into a new file, while servers go on.
    ///
    /// All that was acknowledged before is in the copy, which is a database like the other. PostgreSQL has `pg_dump`.
    Backup(backup::Arguments),
    /// Print the schema in the GraphQL schema definition language.
    Schema {
        /// As a subgraph of Apollo Federation 2, with the keys by which other subgraphs refer to it.
        #[arg(long)]
        federation: bool,
        /// Instead: the documented JSON call, as an OpenAPI document.
        #[arg(long, conflicts_with_all = ["federation", "roles"])]
        openapi: bool,
        /// Instead: who may use which root field, as a table in Markdown.
        #[arg(long, conflicts_with = "federation")]
        roles: bool,
    },
}

#[derive(Debug, Subcommand)]
enum Direction {
    /// Apply the migrations that are missing: all of them, or none if one fails.
    Up {
        #[command(flatten)]
        database: DatabaseArguments,
    },
    /// Take back the last migrations. All that their tables hold is lost.
    Down {
        #[command(flatten)]
        database: DatabaseArguments,
        /// How many migrations to take back.
        #[arg(long, env = "ATELIER_STEPS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// List the migrations, and which of them the database has.
    Status {
        #[command(flatten)]
        database: DatabaseArguments,
    },
}

/// The command line, with all subcommands and flags.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs what the command line says. Exit code 2: it says something wrong; 1: what it says did not work.
pub async fn run() -> ExitCode {
    let Cli { command, log } = Cli::parse();
    let Ok(telemetry) = command.collector().map(Telemetry::start).transpose() else {
        // What is wrong is told without it, for a password may be in it.
        let sentence = "--otlp-endpoint: an address as http://127.0.0.1:4318 belongs here";
        Cli::command().error(ErrorKind::ValueValidation, sentence).exit()
    };
    log.start(telemetry.as_ref());
    let obeyed = Box::pin(obey(command, telemetry.as_ref().map(Telemetry::statements))).await;
    if let Some(telemetry) = telemetry {
        telemetry.stop().await;
    }
    match obeyed {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            // With standard error gone there is nobody left to tell.
            let _ = writeln!(io::stderr(), "atelier: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Does it, or says in a sentence why not.
async fn obey(command: Command, observer: Option<QueryObserver>) -> Result<(), String> {
    match command {
        Command::Schema { roles: true, .. } => say(&roles()),
        Command::Schema { openapi: true, .. } => say(&openapi()),
        Command::Schema { federation, .. } => say(&if federation { subgraph_sdl() } else { sdl() }),
        Command::Demo { listen, edge } => {
            let edge = edge.of_server_on(listen.listen, true)?;
            let listener = listen.bind()?;
            authentication::ensure_demo_stays_here(&listener)?;
            let metrics = listen.observability.bind().await?;
            let demo = Demo::prepare_heard(observer).await?;
            let (store, playground) = (demo.store(), demo.playground());
            listen
                .server((listener, metrics), store, Access::unlimited(Actor::Demo).into(), playground, edge)
                .run(|address| demo.greeting(address))
                .await
        }
        Command::Serve { listen, edge, database, lanes, authentication, no_migrate } => {
            // Before the database is touched: a start that fails here leaves nothing behind.
            let edge = edge.of_server_on(listen.listen, false)?;
            let listener = listen.bind()?;
            let metrics = listen.observability.bind().await?;
            let authentication = authentication.authentication();
            authentication.prepare(Clock::system().now()).await?;
            let store = database.connect(lanes.settings(), !no_migrate, observer).await?;
            if no_migrate {
                ensure_migrated(&store).await.map_err(|missing| format!("{missing}, or serve without --no-migrate"))?;
            } else {
                store.migrate_up().await.map_err(|fault| fault.operator_message())?;
            }
            store.reset_restored_positions().await.map_err(|fault| fault.operator_message())?;
            let hint = match authentication::ensure_not_open_to_everybody(&listener, &store, &authentication).await {
                Ok(hint) => hint,
                Err(refusal) => {
                    store.close().await;
                    return Err(refusal);
                }
            };
            let server = listen.server((listener, metrics), Arc::new(store), authentication, Playground::bare(), edge);
            server.run(|address| format!("Atelier is ready: http://{address}/{hint}")).await
        }
        Command::Migrate { direction } => migrate(direction).await,
        Command::Keys { command } => keys::keys(command).await,
        Command::Doctor(arguments) => doctor::doctor(arguments).await,
        Command::Backup(arguments) => backup::backup(arguments).await,
    }
}

async fn migrate(direction: Direction) -> Result<(), String> {
    let store = match &direction {
        Direction::Up { database } => database.open_or_create(LaneSettings::default()).await?,
        Direction::Down { database, .. } | Direction::Status { database } => {
            database.open(LaneSettings::default()).await?
        }
    };
    let done = match direction {
        Direction::Up { .. } => store.migrate_up().await,
        Direction::Down { steps, .. } => store.migrate_down(steps).await,
        Direction::Status { .. } => Ok(()),
    };
    done.map_err(|fault| fault.operator_message())?;
    for MigrationState { name, applied } in store.migrations().await.map_err(|fault| fault.operator_message())? {
        say(&format!("{} {name}", if applied { "applied" } else { "pending" }))?;
    }
    store.close().await;
    Ok(())
}

async fn ensure_migrated(store: &Store) -> Result<(), String> {
    let migrations = store.migrations().await.map_err(|fault| fault.operator_message())?;
    if migrations.iter().all(|migration| migration.applied) {
        return Ok(());
    }
    Err("the database lacks migrations; run `atelier migrate up`".to_owned())
}

impl Command {
    /// The collector of traces, if what is done has any.
    fn collector(&self) -> Option<&str> {
        match self {
            Self::Demo { listen, .. } | Self::Serve { listen, .. } => listen.observability.collector(),
            _ => None,
        }
    }
}

/// Writes a line to standard output.
pub(crate) fn say(line: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", line.trim_end()).and_then(|()| out.flush()).map_err(|error| format!("cannot write: {error}"))
}
