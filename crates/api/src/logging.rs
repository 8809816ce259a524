use std::{any::Any, io, panic};

use clap::{Args, ValueEnum};
use persistence::SPANS;
use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt};

use crate::telemetry::Telemetry;

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
    /// Begins to log, and to trace if traces are told to anybody.
    pub(crate) fn start(&self, telemetry: Option<&Telemetry>) {
        // What the driver says about an address that it does not understand holds a part of the address.
        let filter = EnvFilter::new(format!("{},sqlx_postgres::options::parse=off,{SPANS}=off", self.log.0));
        let log = tracing_subscriber::fmt::layer().with_writer(io::stderr);
        let log = match self.log_format {
            Format::Json => log.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
            Format::Human => log.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).boxed(),
        };
        Registry::default().with(log.with_filter(filter)).with(telemetry.map(Telemetry::layer)).init();
        panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string);
            tracing::error!(place, said = literal(panic.payload()), "panicked");
        }));
    }
}

/// What is said of a panic, if that stands in the source as it is. What was put together may hold what somebody entered.
fn literal(payload: &dyn Any) -> &'static str {
    payload.downcast_ref::<&str>().copied().unwrap_or("(put together, and therefore not logged)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_panic_only_what_stands_in_the_source_is_logged() {
        let said = |panics: fn()| literal(&*panic::catch_unwind(panics).unwrap_err());
        assert_eq!(said(|| panic!("a rule is broken")), "a rule is broken");
        let told = said(|| panic!("{} is broken", std::hint::black_box("ann@example.org")));
        assert!(!told.contains("ann"), "{told}");
    }
}
