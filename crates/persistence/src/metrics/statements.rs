use std::time::Duration;

use prometheus_client::{metrics::counter::Counter, registry::Registry};

use super::Durations;

/// The statements that were run, by their first word.
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
        let help = "How long the database took to answer a statement";
        self.durations.register(registry, "statement_duration", help);
        registry.register("statements_failed", "Statements that the database did not run", self.failed.clone());
    }

    pub(crate) fn note(&self, text: &str, elapsed: Duration, failed: bool) {
        self.durations.note(kind(text), elapsed);
        if failed {
            self.failed.inc();
        }
    }
}

/// What a statement does, told by its first word.
fn kind(text: &str) -> &'static str {
    let word = text.trim_start().split(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default();
    let kinds = ["select", "insert", "update", "delete", "with"];
    kinds.into_iter().find(|kind| kind.eq_ignore_ascii_case(word)).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_known_by_its_first_word() {
        for (text, is) in [
            ("SELECT 1", "select"),
            ("\n  with a AS (SELECT 1) SELECT *", "with"),
            ("INSERT INTO a", "insert"),
            ("SELECTED", "other"),
            ("", "other"),
        ] {
            assert_eq!(kind(text), is, "{text}");
        }
    }
}
