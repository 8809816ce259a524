//! The log on standard error, and the hook that logs panics.

use std::{any::Any, io, panic};

use clap::{Args, ValueEnum};
use persistence::SPANS;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt};

use crate::telemetry::Telemetry;

/// The flags of the log. The log goes to standard error and never contains variables, tokens or personal data.
#[derive(Args, Debug)]
#[command(next_help_heading = "Log")]
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
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let directives: Vec<_> = text.split(',').map(str::trim).collect();
        // The parser refuses spaces.
        let list = directives.join(",");
        EnvFilter::builder().parse(&list).map_err(|error| error.to_string())?;
        // A directive without a level is valid for the parser, and a misspelled level is the name of a module.
        match directives.into_iter().find(|directive| !ends_with_level(directive)) {
            Some(directive) => Err(format!("{directive:?} has no level: error, warn, info, debug, trace or off")),
            None => Ok(Self(list)),
        }
    }
}

/// Whether a directive is a level or ends with `=` and a level.
fn ends_with_level(directive: &str) -> bool {
    let level = directive.rsplit_once('=').map_or(directive, |(_, level)| level);
    level.parse::<LevelFilter>().is_ok() && !level.is_empty()
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
    fn each_directive_has_a_level() {
        for good in
            ["info", "OFF", "warn,api=debug", "warn, api=debug", "api[request{id=1}]=trace", "api[request]=debug"]
        {
            assert!(good.parse::<Directives>().is_ok(), "{good}");
        }
        for bad in ["", "nonsense=", "nonsense", "warning", "warn,api=", "warn,", "=", "api=loud", "====="] {
            assert!(bad.parse::<Directives>().is_err(), "{bad}");
        }
    }

    #[test]
    fn only_literal_panic_messages_are_logged() {
        let message = |panics: fn()| literal_message(&*panic::catch_unwind(panics).unwrap_err());
        assert_eq!(message(|| panic!("a rule is broken")), "a rule is broken");
        let formatted = message(|| panic!("{} is broken", std::hint::black_box("ann@example.org")));
        assert!(!formatted.contains("ann"), "{formatted}");
    }
}
