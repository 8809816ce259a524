use std::io;

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

/// What is logged, and how. The log goes to standard error; it never holds variables, tokens or personal data.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// What to log: a level (error, warn, info, debug, trace), or `tracing` directives such as `warn,api=debug`.
    #[arg(long, env = "ATELIER_LOG", default_value = "info,sqlx=warn,sea_orm_migration=warn", global = true)]
    log: Directives,
    /// How to write the log.
    #[arg(long, env = "ATELIER_LOG_FORMAT", default_value = "human", global = true)]
    log_format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Lines for people, in color on a terminal.
    Human,
    /// One JSON object a line.
    Json,
}

#[derive(Clone, Debug)]
struct Directives(String);

impl std::str::FromStr for Directives {
    type Err = tracing_subscriber::filter::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        EnvFilter::builder().parse(text).map(|_| Self(text.to_owned()))
    }
}

impl Arguments {
    /// Begins to log.
    pub(crate) fn start(&self) {
        let filter = EnvFilter::new(&self.log.0);
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
        match self.log_format {
            Format::Json => log.json().flatten_event(true).with_current_span(true).with_span_list(false).init(),
            Format::Human => log.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).init(),
        }
    }
}
