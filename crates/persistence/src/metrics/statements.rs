use prometheus_client::{metrics::counter::Counter, registry::Registry};

use super::Durations;
use crate::ExecutedQuery;

/// Executed statements by kind.
#[derive(Clone, Debug)]
pub(crate) struct Statements {
    durations: Durations,
    failed: Counter,
}

impl Default for Statements {
    fn default() -> Self {
        Self { durations: Durations::by("kind"), failed: Counter::default() }
    }
}

impl Statements {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Time until the database responded to a statement";
        self.durations.register(registry, "statement_duration", help);
        registry.register("statements_failed", "Statements that failed in the database", self.failed.clone());
    }

    pub(crate) fn record(&self, query: &ExecutedQuery<'_>) {
        self.durations.record(kind(query.text), query.elapsed);
        if query.failed {
            self.failed.inc();
        }
    }
}

/// The kind of a statement, from its first word.
fn kind(text: &str) -> &'static str {
    let word = text.trim_start().split(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default();
    let kinds = ["select", "insert", "update", "delete", "with"];
    kinds.into_iter().find(|kind| kind.eq_ignore_ascii_case(word)).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_statement_is_its_first_word() {
        for (text, expected) in [
            ("SELECT 1", "select"),
            ("\n  with a AS (SELECT 1) SELECT *", "with"),
            ("INSERT INTO a", "insert"),
            ("SELECTED", "other"),
            ("", "other"),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }
}
