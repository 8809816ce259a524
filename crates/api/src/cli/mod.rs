//! The command line: commands, flags and exit codes.

mod authentication;
mod backup;
mod database;
mod doctor;
mod healthcheck;
mod ingress;
mod keys;
mod limits;
mod list;
mod listen;
mod migrate;
mod observability;
mod secret;
mod socket_address;
mod startup;
mod variables;

use std::{process::ExitCode, sync::Arc};

use clap::{CommandFactory, Parser, Subcommand, builder::BoolishValueParser, error::ErrorKind};
use domain::{Actor, access::Access};
use persistence::{Clock, OpenMode, QueryObserver};

use crate::{
    Playground,
    demo::Demo,
    logging, openapi,
    output::{print_line, print_notice},
    roles, sdl, subgraph_sdl,
    telemetry::Telemetry,
};
use database::{DatabaseArguments, LaneArguments, failed};
use listen::ListenArguments;
pub use variables::unset_empty_variables;

/// Registers guests for workshops: a GraphQL server with a playground, over SQLite or PostgreSQL.
///
/// To try it, run `atelier demo` and open the address that it prints.
#[derive(Debug, Parser)]
#[command(name = "atelier", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    log: logging::Arguments,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "a process has one command")]
enum Command {
    /// Serve sample data from a temporary SQLite database that is deleted at the end.
    Demo {
        #[command(flatten)]
        listen: ListenArguments,
        #[command(flatten)]
        ingress: ingress::IngressArguments,
    },
    /// Serve a database.
    Serve {
        #[command(flatten)]
        listen: ListenArguments,
        #[command(flatten)]
        ingress: ingress::IngressArguments,
        #[command(flatten)]
        database: DatabaseArguments,
        #[command(flatten)]
        lanes: LaneArguments,
        #[command(flatten)]
        authentication: authentication::AuthenticationArguments,
        /// Do not apply pending migrations at startup; exit with an error if there are any.
        #[arg(long, help_heading = "Database", env = "ATELIER_NO_MIGRATE", value_parser = BoolishValueParser::new())]
        no_migrate: bool,
    },
    /// Apply, revert or list the migrations of a database.
    Migrate {
        #[command(subcommand)]
        command: migrate::Migrate,
    },
    /// Create, list, rotate and revoke API keys.
    Keys {
        #[command(subcommand)]
        command: keys::Keys,
    },
    /// Compare every counter and every invariant with the rows. Servers can keep running.
    ///
    /// Prints one line for each inconsistency. The exit code is 0 if there is none, otherwise 1.
    Doctor(doctor::Arguments),
    /// Copy an SQLite database into a new file while servers keep running.
    ///
    /// The copy contains every change that was acknowledged before, and is a complete database. For PostgreSQL use
    /// `pg_dump`.
    Backup(backup::Arguments),
    /// Check whether a server on this machine responds. For the health check of a container.
    ///
    /// The exit code is 0 if it does, otherwise 1.
    Healthcheck(healthcheck::Arguments),
    /// Print the schema in the GraphQL schema definition language.
    Schema {
        /// Print it as a subgraph of Apollo Federation 2, with the keys by which other subgraphs refer to its types.
        #[arg(long)]
        federation: bool,
        /// Instead, print the OpenAPI document of the REST API.
        #[arg(long, conflicts_with_all = ["federation", "roles"])]
        openapi: bool,
        /// Instead, print a Markdown table of the roles that can use each root field.
        #[arg(long, conflicts_with = "federation")]
        roles: bool,
    },
}

/// The command line, with all subcommands and flags.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command line. Exit code 2: the arguments are invalid; 1: the command failed.
pub async fn run() -> ExitCode {
    let Cli { command, log } = Cli::parse();
    let Ok(telemetry) = command.collector().map(Telemetry::start).transpose() else {
        // The value is not repeated: it can contain a password.
        let message = "--otlp-endpoint: not a valid URL; expected for example http://127.0.0.1:4318";
        Cli::command().error(ErrorKind::ValueValidation, message).exit()
    };
    log.start(telemetry.as_ref());
    let result = Box::pin(run_command(command, telemetry.as_ref().map(Telemetry::statement_observer))).await;
    if let Some(telemetry) = telemetry {
        telemetry.stop().await;
    }
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            print_notice(&format!("atelier: {message}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs a command. An error is a message for the operator.
async fn run_command(command: Command, observer: Option<QueryObserver>) -> Result<(), String> {
    match command {
        Command::Schema { roles: true, .. } => print_line(&roles()),
        Command::Schema { openapi: true, .. } => print_line(&openapi()),
        Command::Schema { federation, .. } => print_line(&if federation { subgraph_sdl() } else { sdl() }),
        Command::Demo { listen, ingress } => {
            let ingress = ingress.policy(listen.listen, true)?;
            let listener = listen.bind()?;
            authentication::ensure_demo_is_local(&listener)?;
            let metrics = listen.observability.bind().await?;
            let demo = Demo::prepare_observed(observer).await?;
            let (store, playground) = (demo.store(), demo.playground());
            let limits = startup::fit_open_files(listen.limits(), &store);
            listen
                .server((listener, metrics), store, Access::unlimited(Actor::Demo).into(), playground, ingress, limits)
                .run(|address| demo.greeting(address))
                .await
        }
        Command::Serve { listen, ingress, database, lanes, authentication, no_migrate } => {
            // Before the database is opened: a failure here changes nothing.
            let ingress = ingress.policy(listen.listen, false)?;
            let listener = listen.bind()?;
            let metrics = listen.observability.bind().await?;
            let authentication = authentication.authentication();
            authentication.prepare(&Clock::system()).await?;
            let mode = if no_migrate { OpenMode::ReadWrite } else { OpenMode::Create };
            let store = database.connect(lanes.settings(), mode, observer).await?;
            let schema = if no_migrate {
                let migrated = migrate::ensure_migrated(&store).await;
                migrated.map_err(|message| format!("{message}, or start without --no-migrate"))?
            } else {
                migrate::apply(&store).await?
            };
            store.reset_restored_positions().await.map_err(failed(&store))?;
            let limits = startup::fit_open_files(listen.limits(), &store);
            startup::log(&store, schema.as_deref(), &limits);
            let hint = match authentication::ensure_protected(&listener, &store, &authentication).await {
                Ok(hint) => hint,
                Err(message) => {
                    store.close().await;
                    return Err(message);
                }
            };
            let server = listen.server(
                (listener, metrics),
                Arc::new(store),
                authentication,
                Playground::bare(),
                ingress,
                limits,
            );
            server.run(|address| format!("Atelier is ready: http://{address}/{hint}")).await
        }
        Command::Migrate { command } => migrate::migrate(command).await,
        Command::Keys { command } => keys::keys(command).await,
        Command::Doctor(arguments) => doctor::doctor(arguments).await,
        Command::Backup(arguments) => backup::backup(arguments).await,
        Command::Healthcheck(arguments) => healthcheck::healthcheck(&arguments),
    }
}

impl Command {
    /// The endpoint of the trace collector, for commands that serve.
    fn collector(&self) -> Option<&str> {
        match self {
            Self::Demo { listen, .. } | Self::Serve { listen, .. } => listen.observability.collector(),
            _ => None,
        }
    }
}
