//! The command line.

mod authentication;
mod backup;
mod doctor;
mod edge;
mod keys;
mod limits;
mod secret;
mod seeing;

use std::{
    io::{self, Write},
    net::SocketAddr,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use clap::{Args, CommandFactory, Parser, Subcommand, builder::BoolishValueParser, error::ErrorKind};
use domain::{Actor, access::Access};
use persistence::{
    Clock, DatabaseUrl, DatabaseUrlInvalid, LaneSettings, MigrationState, Options, StatementObserver, Store,
};
use tokio::net::{TcpListener, TcpSocket};

use crate::{
    Authentication, Edge, Playground, demo::Demo, logging, roles, sdl, server::Server, subgraph_sdl,
    telemetry::Telemetry,
};
use secret::Secret;

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
        edge: edge::EdgeArguments,
    },
    /// Serve a database.
    Serve {
        #[command(flatten)]
        listen: ListenArguments,
        #[command(flatten)]
        edge: edge::EdgeArguments,
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

#[derive(Args, Debug)]
struct ListenArguments {
    /// The address and port to serve on. Port 0 takes a free one.
    #[arg(long, env = "ATELIER_LISTEN", default_value = "127.0.0.1:8000", value_name = "ADDRESS:PORT",
        value_parser = socket_address)]
    listen: SocketAddr,
    /// Seconds to go on after a SIGTERM while `/ready` says 503, so that whoever sends requests here sees it and sends the
    /// next ones elsewhere. Ctrl-C, or a second SIGTERM, does not wait.
    #[arg(long, env = "ATELIER_SHUTDOWN_DELAY", default_value_t = 2, value_parser = clap::value_parser!(u64).range(..=3600))]
    shutdown_delay: u64,
    /// Seconds to let requests finish in after that.
    #[arg(long, env = "ATELIER_DRAIN_SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(..=3600))]
    drain_seconds: u64,
    #[command(flatten)]
    seeing: seeing::SeeingArguments,
    #[command(flatten)]
    limits: limits::LimitArguments,
}

#[derive(Args, Debug)]
struct DatabaseArguments {
    /// `sqlite:<file>`, or `postgres://<user>:<password>@<host>:<port>/<database>`. A SQLite file is created.
    // Taken as text, for clap would repeat a wrong one, with the password that may be in it.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite:atelier.db", hide_env_values = true, value_name = "URL")]
    database_url: String,
    /// A file with the database URL, if it is not to be seen among processes and variables.
    #[arg(long, env = "DATABASE_URL_FILE", value_name = "FILE", value_parser = Secret::in_file, conflicts_with = "database_url")]
    database_url_file: Option<Secret>,
    /// The most connections to the database at a time.
    #[arg(long, env = "ATELIER_CONNECTIONS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(2..=1000))]
    connections: u32,
    /// Seconds that a request waits for a connection, in a lane or for its turn before it is answered with a 503.
    #[arg(long, env = "ATELIER_DATABASE_PATIENCE", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
    database_patience: u64,
}

#[derive(Args, Debug)]
struct LaneArguments {
    /// Transactions that write registrations at a time. SQLite writes one at a time whatever this says.
    #[arg(long, env = "ATELIER_LANES", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    lanes: u16,
    /// Registrations that may wait in one lane; one more is answered with OVERLOADED.
    #[arg(long, env = "ATELIER_LANE_QUEUE", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    lane_queue: u32,
    /// The most registrations that one transaction settles.
    #[arg(long, env = "ATELIER_LANE_BATCH", default_value_t = 512, value_parser = clap::value_parser!(u16).range(1..=4096))]
    lane_batch: u16,
}

/// Connections that may wait to be accepted: a rush comes within a second, and one that finds no room is heard of a second
/// later. The system may have a lower limit.
const BACKLOG: u32 = 4_096;

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
async fn obey(command: Command, observer: Option<StatementObserver>) -> Result<(), String> {
    match command {
        Command::Schema { roles: true, .. } => say(&roles()),
        Command::Schema { federation, .. } => say(&if federation { subgraph_sdl() } else { sdl() }),
        Command::Demo { listen, edge } => {
            let edge = edge.of_server_on(listen.listen, true)?;
            let listener = listen.bind()?;
            authentication::ensure_demo_stays_here(&listener)?;
            let metrics = listen.seeing.bind().await?;
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
            let metrics = listen.seeing.bind().await?;
            let authentication = authentication.authentication();
            authentication.prepare(Clock::system().now()).await?;
            let store = if no_migrate {
                let store = database.connect(lanes.settings(), false, observer).await?;
                ensure_migrated(&store).await.map_err(|missing| format!("{missing}, or serve without --no-migrate"))?;
                store
            } else {
                let store = database.connect(lanes.settings(), true, observer).await?;
                store.migrate_up().await.map_err(|fault| fault.for_operators())?;
                store
            };
            store.settle_restored().await.map_err(|fault| fault.for_operators())?;
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
    done.map_err(|fault| fault.for_operators())?;
    for MigrationState { name, applied } in store.migrations().await.map_err(|fault| fault.for_operators())? {
        say(&format!("{} {name}", if applied { "applied" } else { "pending" }))?;
    }
    store.close().await;
    Ok(())
}

async fn ensure_migrated(store: &Store) -> Result<(), String> {
    let migrations = store.migrations().await.map_err(|fault| fault.for_operators())?;
    if migrations.iter().all(|migration| migration.applied) {
        return Ok(());
    }
    Err("the database lacks migrations; run `atelier migrate up`".to_owned())
}

impl Command {
    /// The collector of traces, if what is done has any.
    fn collector(&self) -> Option<&str> {
        match self {
            Self::Demo { listen, .. } | Self::Serve { listen, .. } => listen.seeing.collector(),
            _ => None,
        }
    }
}

impl ListenArguments {
    fn bind(&self) -> Result<TcpListener, String> {
        let bind = || {
            let socket = if self.listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
            // As the standard library does: a server that was stopped a moment ago is no obstacle.
            socket.set_reuseaddr(true)?;
            socket.bind(self.listen)?;
            socket.listen(BACKLOG)
        };
        bind().map_err(|error| format!("cannot listen on {} (--listen): {error}", self.listen))
    }

    fn server(
        self,
        (listener, metrics): (TcpListener, Option<TcpListener>),
        store: Arc<Store>,
        authentication: Authentication,
        playground: Playground,
        edge: Edge,
    ) -> Server {
        let delay = Duration::from_secs(self.shutdown_delay);
        let drain = Duration::from_secs(self.drain_seconds);
        let limits = self.limits.limits();
        Server { listener, metrics, delay, drain, store, authentication, playground, edge, limits }
    }
}

impl DatabaseArguments {
    /// A database that is there.
    async fn open(&self, lanes: LaneSettings) -> Result<Store, String> {
        self.connect(lanes, false, None).await
    }

    /// The same, or a new one in an SQLite file.
    async fn open_or_create(&self, lanes: LaneSettings) -> Result<Store, String> {
        self.connect(lanes, true, None).await
    }

    async fn connect(
        &self,
        lanes: LaneSettings,
        create: bool,
        observer: Option<StatementObserver>,
    ) -> Result<Store, String> {
        let url = self.database_url_file.as_ref().map_or(&*self.database_url, Secret::reveal);
        let url: DatabaseUrl = url.parse().unwrap_or_else(|error: DatabaseUrlInvalid| {
            Cli::command().error(ErrorKind::ValueValidation, format!("--database-url: {error}")).exit()
        });
        let patience = Duration::from_secs(self.database_patience);
        let options =
            Options { connections: self.connections, patience, lanes, create, observer, ..Options::default() };
        let opened = Store::open(&url, options).await;
        opened.map_err(|fault| format!("cannot open the {} database: {}", url.system(), fault.for_operators()))
    }
}

impl LaneArguments {
    fn settings(&self) -> LaneSettings {
        LaneSettings { lanes: self.lanes.into(), queue: self.lane_queue as usize, batch: self.lane_batch.into() }
    }
}

fn socket_address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "an IP address and a port belong here, for example 127.0.0.1:8000 or [::1]:8000")
}

/// Writes a line to standard output.
pub(crate) fn say(line: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", line.trim_end()).and_then(|()| out.flush()).map_err(|error| format!("cannot write: {error}"))
}
