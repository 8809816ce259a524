//! The log on standard error, and the hook that logs panics.

use std::{any::Any, io, panic};

use clap::{Args, ValueEnum};
use persistence::SPANS;
use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt};

use crate::telemetry::Telemetry;

/// The flags of the log. The log goes to standard error and never contains variables, tokens or personal data.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The log level (error, warn, info, debug, trace), or `tracing` directives such as `warn,api=debug`.
    #[arg(long, env = "ATELIER_LOG", default_value = "info,sqlx=warn,sea_orm_migration=warn", global = true)]
    log: Directives,
    /// The format of the log.
    #[arg(long, env = "ATELIER_LOG_FORMAT", default_value = "human", global = true)]
    log_format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Lines for people, in color on a terminal.
    Human,
    /// One JSON object per line.
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
    /// Starts the log, and the traces if a collector is configured.
    pub(crate) fn start(&self, telemetry: Option<&Telemetry>) {
        // The driver's messages about an invalid database URL contain parts of the URL.
        let filter = EnvFilter::new(format!("{},sqlx_postgres::options::parse=off,{SPANS}=off", self.log.0));
        let log = tracing_subscriber::fmt::layer().with_writer(io::stderr);
        let log = match self.log_format {
            Format::Json => log.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
            Format::Human => log.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).boxed(),
        };
        Registry::default().with(log.with_filter(filter)).with(telemetry.map(Telemetry::layer)).init();
        panic::set_hook(Box::new(|panic| {
            let location = panic.location().map(ToString::to_string);
            tracing::error!(location, panic = literal_message(panic.payload()), "panicked");
        }));
    }
}

/// The message of a panic if it is a literal of the source. A formatted message can contain personal data.
fn literal_message(payload: &dyn Any) -> &'static str {
    payload.downcast_ref::<&str>().copied().unwrap_or("(a formatted message, which is not logged)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_literal_panic_messages_are_logged() {
        let message = |panics: fn()| literal_message(&*panic::catch_unwind(panics).unwrap_err());
        assert_eq!(message(|| panic!("a rule is broken")), "a rule is broken");
        let formatted = message(|| panic!("{} is broken", std::hint::black_box("ann@example.org")));
        assert!(!formatted.contains("ann"), "{formatted}");
    }
}
